// SPDX-License-Identifier: MIT
//
// Where a server has its evidence from, asked without waiting.
//
//     source.begin(loop, [](Ticket ticket, Answer answer) {...});
//     source.ask(ticket, inblob, formats);       // the answer may come before this returns
//     source.forget(ticket);                     // nobody wants it any more; it never comes
//
// An Answer is the body of an evidence frame, or why there is none.
//
// Threads: all from the loop's.
#pragma once

#include "loop.hpp"
#include "wire.hpp"

#include <tsmfd/names.hpp>
#include <tsmfd/options.hpp>
#include <tsmfd/result.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

namespace attested {

using Ticket = std::uint64_t; // never 0
using Answer = tsmfd::Result<Bytes>;
using Deliver = std::function<void(Ticket, Answer)>;

class Source {
public:
    virtual ~Source() = default;
    Source() = default;
    Source(const Source&) = delete;
    Source& operator=(const Source&) = delete;

    virtual tsmfd::Result<void> begin(Loop& loop, Deliver deliver) = 0;
    // `formats` are the client's, the one it likes best first; not empty.
    virtual void ask(Ticket ticket, const tsmfd::Inblob& inblob,
                     std::span<const tsmfd::Format> formats) = 0;
    virtual void forget(Ticket ticket) = 0;
    // "tsmfd_emu by /dev/tsmfd0, batched"
    [[nodiscard]] virtual std::string name() const = 0;
};

struct SourceSettings {
    std::string device = tsmfd::device_path(0);
    bool batch = false;
    unsigned inflight = 1024; // open files
    unsigned threads = 64;    // configfs: callers that wait, each with an item
};

// Through a non-blocking /dev/tsmfdN.
[[nodiscard]] tsmfd::Result<std::unique_ptr<Source>>
make_device_source(const SourceSettings& settings);
// Through configfs-tsm, which blocks: by threads.
[[nodiscard]] tsmfd::Result<std::unique_ptr<Source>>
make_configfs_source(const SourceSettings& settings);
// None: an empty evidence at once, to measure TLS by.
[[nodiscard]] std::unique_ptr<Source> make_plain_source();

} // namespace attested
