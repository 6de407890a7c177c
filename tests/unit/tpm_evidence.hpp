// SPDX-License-Identifier: MIT
//
// Reports of real firmware, for tests to spoil; data/tpm-ovmf/README.md says whence.
//
//     TpmEvidence real("tpm-ovmf");
//     real.outblob[real.at_signature] ^= 1;
//     verify_tpm(real.evidence(), TpmPolicy().challenge(real.challenge));
#pragma once

#include "evidence.hpp"

#include <tsmfd/evidence/tpm_aux.hpp>
#include <tsmfd/evidence/tpm_report.hpp>
#include <tsmfd/evidence/verdict.hpp>

#include <map>
#include <sstream>
#include <string>

namespace evidence {

struct TpmEvidence {
    explicit TpmEvidence(const std::string& from) {
        const Bytes stream = read_data(from + "/report.bin");
        const auto parts = tsmfd::Evidence::of_stream(stream);
        outblob = exactly(parts.outblob);
        auxblob = exactly(parts.auxblob);
        const auto report = tsmfd::parse_tpm_report(outblob).value();
        at_attest = 24;
        at_signature = at_attest + report.attest.size();
        at_key = at_signature + report.signature.size();
        event_log = exactly(tsmfd::parse_tpm_aux(auxblob).value().event_log);
    }

    [[nodiscard]] tsmfd::Evidence evidence() const {
        return {.outblob = outblob, .auxblob = auxblob};
    }

    // Its own, as who knows it would give it.
    [[nodiscard]] Bytes key() const {
        return {outblob.begin() + static_cast<std::ptrdiff_t>(at_key), outblob.end()};
    }

    Bytes outblob;
    Bytes auxblob;
    Bytes event_log;
    Bytes challenge = nonce(0);
    std::size_t at_attest = 0; // in the outblob
    std::size_t at_signature = 0;
    std::size_t at_key = 0;
};

inline std::string read_text(const std::string& name) {
    const Bytes bytes = read_data(name);
    std::string text(bytes.begin(), bytes.end());
    while (!text.empty() && text.back() == '\n')
        text.pop_back();
    return text;
}

// What tpm2_pcrread read, in hexadecimal, by number.
inline std::map<unsigned, std::string> read_pcrs(const std::string& from) {
    std::istringstream lines(read_text(from + "/pcrs.txt"));
    std::map<unsigned, std::string> pcrs;
    unsigned pcr = 0;
    std::string value;
    while (lines >> pcr >> value)
        pcrs[pcr] = value;
    return pcrs;
}

} // namespace evidence
