// SPDX-License-Identifier: MIT
//
// The guest's side: asks the broker for a secret.
//
//     Stream stream(std::move(*socket), 30s);
//     const auto secret = ask(stream, {.name = "root", .broker = &key}, [&](const ReportData& data)
//     {
//         ...                                      // device.report() with these as its inblob
//     });
//
// The key that the secret is encrypted to is made anew for each question, and is never kept.
//
// Threads: from one.
#pragma once

#include "binding.hpp"

#include <tsmfd/device.hpp>
#include <tsmfd/result.hpp>
#include <tsmfd/unique_fd.hpp>

#include <chrono>
#include <functional>
#include <span>
#include <string>

namespace keybroker {

// Bytes of a non-blocking descriptor, all of them until a deadline.
class Stream {
public:
    using Clock = std::chrono::steady_clock;

    Stream(tsmfd::UniqueFd fd, std::chrono::milliseconds patience)
        : fd_(std::move(fd)), until_(Clock::now() + patience) {}

    // ETIMEDOUT; ECONNRESET if the other side has closed.
    tsmfd::Result<void> read(std::span<std::uint8_t> into);
    tsmfd::Result<void> write(tsmfd::ByteSpan bytes);

private:
    tsmfd::Result<void> wait_for(short events);

    tsmfd::UniqueFd fd_;
    Clock::time_point until_;
};

struct Question {
    std::string name;                  // of the secret
    const BrokerKey* broker = nullptr; // whose answer is believed; nullptr: anybody's
};

using Reporter = std::function<tsmfd::Result<tsmfd::Report>(const ReportData&)>;

// EACCES for a refusal, with the broker's reason; EKEYREJECTED for an answer of another broker's;
// EBADMSG for what is no answer. What the reporter fails with is passed on.
[[nodiscard]] tsmfd::Result<Secret> ask(Stream& stream, const Question& question,
                                        const Reporter& report);

} // namespace keybroker
