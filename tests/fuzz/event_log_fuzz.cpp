// SPDX-License-Identifier: MIT
//
// Any bytes as what firmware measured.
#include "check.hpp"

#include <tsmfd/evidence/event_log.hpp>

#include <algorithm>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto log = tsmfd::EventLog::parse({data, size});
    if (!log)
        return 0;
    check(log->size() <= size);
    for (const tsmfd::TpmEvent& event : log->events()) {
        check(event.data.size() <= size);
        check(event.digests.size() <= log->hashes().size());
        const std::string text = tsmfd::describe(event);
        check(text.size() < 400);
        check(std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7f; }));
        check(!tsmfd::event_type_name(event.type).empty());
        (void)tsmfd::data_is_measured(event);
    }
    for (const auto hash : {tsmfd::TpmHash::sha1, tsmfd::TpmHash::sha256, tsmfd::TpmHash::sha384}) {
        const auto bank = log->replay(hash);
        check(!bank || bank->values[0].size == tsmfd::tpm_hash_size(hash));
    }
    // The log without its padding is the same log.
    const auto again = tsmfd::EventLog::parse({data, log->size()});
    check(again && again->events().size() == log->events().size());
    return 0;
}
