// SPDX-License-Identifier: MIT
//
// Any bytes as the report of a TPM: outblob and auxblob, and the parts of them.
#include "check.hpp"

#include <tsmfd/evidence/tpm_key.hpp>
#include <tsmfd/evidence/tpm_report.hpp>
#include <tsmfd/evidence/tpm_verify.hpp>

#include <cstdint>
#include <vector>

namespace {

using tsmfd::ByteSpan;

// What is said of a report must be so, whatever it is made of.
void verify(ByteSpan stream) {
    const std::size_t size = tsmfd::tpm_report_size(stream);
    check(size <= stream.size());
    const tsmfd::Evidence evidence{.outblob = stream.first(size), .auxblob = stream.subspan(size)};
    const auto report = tsmfd::parse_tpm_report(evidence.outblob);
    const std::vector<std::uint8_t> none;
    const auto verification =
        tsmfd::verify_tpm(evidence, tsmfd::TpmPolicy().challenge(ByteSpan(none)));
    check(!verification.checks.empty());
    check(report.has_value() || !verification.ok());
    // Nothing can be signed for a challenge that is empty: the corpus has none.
    check(!verification.ok() || report->quote.extra_data.empty());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteSpan bytes(data, size);
    verify(bytes);

    if (const auto quote = tsmfd::parse_tpm_quote(bytes)) {
        check(quote->bank_count <= tsmfd::TpmQuote::max_banks);
        check(quote->extra_data.size() < size);
    }
    if (const auto key = tsmfd::TpmKey::parse(bytes)) {
        check(key->is(bytes).value_or(false));
        (void)key->attests();
    }
    if (const auto signature = tsmfd::parse_tpm_signature(bytes))
        check(signature->r.size() + signature->s.size() < size);
    return 0;
}
