// SPDX-License-Identifier: MIT
#include <tsmfd/evidence/tpm_report.hpp>

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

namespace tsmfd {

namespace {

constexpr std::string_view head_magic = TSMFD_TPM_REPORT_MAGIC;
constexpr std::size_t head_size = sizeof(tsmfd_tpm_report);
// TPMS_PCR_SELECTION.sizeofSelect: up to 32 PCRs, and no TPM has more.
constexpr std::size_t max_select = 4;

struct Head {
    std::uint32_t version = 0;
    std::uint32_t attest_len = 0;
    std::uint32_t signature_len = 0;
    std::uint32_t public_len = 0;

    [[nodiscard]] std::uint64_t total() const {
        return std::uint64_t{head_size} + attest_len + signature_len + public_len;
    }
};

// The bytes are known to start with the magic and to have a head's length.
Head read_head(ByteSpan bytes) {
    Reader in(bytes.subspan(head_magic.size()));
    Head head;
    head.version = in.le32();
    head.attest_len = in.le32();
    head.signature_len = in.le32();
    head.public_len = in.le32();
    return head;
}

bool read_banks(Reader& in, TpmQuote& quote) {
    const std::uint32_t count = in.be32();
    if (count > TpmQuote::max_banks)
        return false;
    quote.bank_count = count;
    for (TpmPcrSelection& bank : std::span(quote.banks).first(count)) {
        bank.hash = in.be16();
        const std::size_t size = in.u8();
        if (size > max_select)
            return false;
        // Byte 0 holds PCR 0 to 7.
        const ByteSpan select = in.bytes(size);
        for (std::size_t i = 0; i < select.size(); ++i)
            bank.pcrs |= static_cast<std::uint32_t>(select[i]) << (8 * i);
    }
    return true;
}

} // namespace

bool is_tpm_report(ByteSpan bytes) noexcept {
    return bytes.size() >= head_magic.size() &&
           std::equal(head_magic.begin(), head_magic.end(), bytes.begin());
}

bool is_tpm_attest(ByteSpan bytes) noexcept {
    Reader in(bytes);
    const std::uint32_t magic = in.be32();
    const std::uint16_t type = in.be16();
    return in.ok() && magic == TpmQuote::magic && type == TpmQuote::type;
}

std::size_t tpm_report_size(ByteSpan stream) noexcept {
    if (!is_tpm_report(stream) || stream.size() < head_size)
        return 0;
    const std::uint64_t total = read_head(stream).total();
    return total <= stream.size() ? static_cast<std::size_t>(total) : 0;
}

Result<TpmQuote> parse_tpm_quote(ByteSpan attest) noexcept {
    Reader in(attest);
    TpmQuote quote;
    const std::uint32_t magic = in.be32();
    const std::uint16_t type = in.be16();
    if (!in.ok() || magic != TpmQuote::magic)
        return fail(fmt::format("TPMS_ATTEST with magic {:#010x}", magic), EBADMSG);
    if (type != TpmQuote::type)
        return fail(fmt::format("TPMS_ATTEST of type {:#06x}, not a quote", type), EBADMSG);

    quote.qualified_signer = in.bytes(in.be16());
    quote.extra_data = in.bytes(in.be16());
    quote.clock = in.be64();
    quote.reset_count = in.be32();
    quote.restart_count = in.be32();
    const std::uint8_t safe = in.u8(); // TPMI_YES_NO
    quote.safe = safe == 1;
    quote.firmware_version = in.be64();
    if (safe > 1 || !read_banks(in, quote))
        return fail("TPMS_ATTEST with a member out of its range", EBADMSG);
    quote.pcr_digest = in.bytes(in.be16());
    if (!in.ok() || in.left() != 0)
        return fail(fmt::format("TPMS_ATTEST of {} bytes, {}", attest.size(),
                                in.ok() ? "too long" : "too short"),
                    EBADMSG);
    return quote;
}

Result<TpmReport> parse_tpm_report(ByteSpan bytes) noexcept {
    if (!is_tpm_report(bytes) || bytes.size() < head_size)
        return fail(fmt::format("TPM report of {} bytes without a whole head", bytes.size()),
                    EBADMSG);
    const Head head = read_head(bytes);
    if (head.version != 1)
        return fail(fmt::format("TPM report of version {}", head.version), EBADMSG);
    if (head.total() != bytes.size())
        return fail(
            fmt::format("TPM report of {} bytes whose head says {}", bytes.size(), head.total()),
            EBADMSG);
    if (head.signature_len == 0 || head.public_len == 0)
        return fail("TPM report without a signature or a key", EBADMSG);

    Reader in(bytes.subspan(head_size));
    TpmReport report;
    report.attest = in.bytes(head.attest_len);
    report.signature = in.bytes(head.signature_len);
    report.public_key = in.bytes(head.public_len);
    report.size = bytes.size();
    Result<TpmQuote> quote = parse_tpm_quote(report.attest);
    if (!quote)
        return std::unexpected(std::move(quote.error()));
    report.quote = *quote;
    return report;
}

} // namespace tsmfd
