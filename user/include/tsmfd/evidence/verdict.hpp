// SPDX-License-Identifier: MIT
//
// Does this report answer what was asked?
//
//     const Challenge asked{.inblob = *Inblob::from(nonce), .privlevel = 2,
//                           .format = Format::extended};
//     const Verdict verdict = judge(asked, {.outblob = report.outblob, .auxblob = report.auxblob});
//     if (!verdict.ok())
//         fmt::print("{}\n", verdict.text());
//         // mixed up (inblob, privlevel): the report answers another's options
//
// A report is mixed up if it is whole but for options that were not asked, torn if its parts are
// not of one firmware call, and malformed if it cannot be read at all. Torn goes before mixed up:
// options that contradict each other within a report are nobody's.
//
// How much can be seen depends on the provider. A report of tsmfd_emu (or of another provider
// that puts struct tsmfd_emu_tag in it) shows all three options and its parts' calls; any other SNP
// report shows inblob and privlevel; a TDX quote, a TPM's and an HCL report show the inblob. For
// these the format is judged by whether an auxblob came. Signatures are not looked at.
//
// Nothing here allocates, but what reads the claims of an HCL report, which are JSON of at most 16
// KiB. Threads: functions of their arguments.
#pragma once

#include <tsmfd/bytes.hpp>
#include <tsmfd/export.hpp>
#include <tsmfd/options.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tsmfd {

// What was asked. An option that is unset is not judged.
struct Challenge {
    Inblob inblob;
    std::optional<std::uint32_t> privlevel;
    std::optional<Format> format;
};

// What came, as the reader of one interface has it.
struct TSMFD_API Evidence {
    ByteSpan outblob;
    ByteSpan auxblob;
    bool auxblob_known = true; // false: nobody looked whether there is one
    ByteSpan proof{};          // of a batch; judge_batched() of proof.hpp judges it

    // Of a stream of outblob, auxblob and manifestblob without lengths, as read(2) of /dev/tsmfdN
    // gives it. The outblob says how long it is; the rest is taken for the auxblob. A batch's
    // stream says all lengths; one that they do not fit is left whole, to be found malformed.
    [[nodiscard]] static Evidence of_stream(ByteSpan stream) noexcept;
};

struct TSMFD_API Verdict {
    enum class Kind : std::uint8_t { ok, mixed_up, torn, malformed };

    // Bits: which options are another's, if mixed up.
    static constexpr unsigned inblob = 1;
    static constexpr unsigned privlevel = 2;
    static constexpr unsigned format = 4;

    Kind kind = Kind::ok;
    unsigned options = 0;
    std::string_view why; // a constant

    [[nodiscard]] bool ok() const { return kind == Kind::ok; }
    [[nodiscard]] std::string text() const noexcept;
};

// "ok", "mixed up", "torn" or "malformed".
[[nodiscard]] TSMFD_API std::string_view kind_name(Verdict::Kind kind) noexcept;

[[nodiscard]] TSMFD_API Verdict judge(const Challenge& asked, const Evidence& got) noexcept;

} // namespace tsmfd
