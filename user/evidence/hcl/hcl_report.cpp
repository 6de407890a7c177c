// SPDX-License-Identifier: MIT
#include "common_checks.hpp"

#include <tsmfd/evidence/hcl_report.hpp>
#include <tsmfd/evidence/snp_report.hpp>
#include <tsmfd/evidence/td_report.hpp>

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

namespace tsmfd {

namespace {

constexpr std::string_view index_magic = "HCLA";
constexpr std::string_view head_magic = TSMFD_HCL_REPORT_MAGIC;
constexpr std::string_view aux_magic = TSMFD_HCL_AUX_MAGIC;
constexpr std::size_t head_size = sizeof(tsmfd_hcl_report);

constexpr std::size_t hardware_size = sizeof(HclIndexWire::hardware);
static_assert(hardware_size == snp_report_size && hardware_size > td_report_size);
constexpr std::size_t data_head_size = sizeof(HclIndexWire) - offsetof(HclIndexWire, data_size);
constexpr std::uint32_t capabilities_size = 4;
constexpr std::uint32_t newest_version = 2;
constexpr std::uint32_t newest_data_version = 3;
constexpr std::uint32_t type_snp = 2;
constexpr std::uint32_t type_tdx = 4;

bool starts_with(ByteSpan bytes, std::string_view magic) {
    return bytes.size() >= magic.size() && std::equal(magic.begin(), magic.end(), bytes.begin());
}

struct Head {
    std::uint32_t version = 0;
    std::uint32_t hcl_len = 0;
    std::uint32_t attest_len = 0;
    std::uint32_t signature_len = 0;
    std::uint32_t public_len = 0;
    std::uint32_t reserved = 0;

    [[nodiscard]] std::uint64_t total() const {
        return std::uint64_t{head_size} + hcl_len + attest_len + signature_len + public_len;
    }
};

// The bytes are known to start with the magic and to have a head's length.
Head read_head(ByteSpan bytes) {
    Reader in(bytes.subspan(head_magic.size()));
    Head head;
    head.version = in.le32();
    head.hcl_len = in.le32();
    head.attest_len = in.le32();
    head.signature_len = in.le32();
    head.public_len = in.le32();
    head.reserved = in.le32();
    return head;
}

std::optional<TpmHash> hash_of(std::uint32_t type) {
    switch (type) {
    case 1:
        return TpmHash::sha256;
    case 2:
        return TpmHash::sha384;
    case 3:
        return TpmHash::sha512;
    default:
        return std::nullopt;
    }
}

void take_hardware(HclReport& report, ByteSpan area, std::uint32_t type) {
    const bool tdx = type == type_tdx;
    report.hardware_kind = tdx ? HclHardware::tdx : HclHardware::snp;
    report.hardware = area.first(tdx ? td_report_size : snp_report_size);
    report.hardware_rest = area.subspan(report.hardware.size());
    report.report_data = report.hardware.subspan(tdx ? offsetof(TdReportWire, report_data)
                                                     : offsetof(SnpReportWire, report_data),
                                                 sizeof(SnpReportWire::report_data));
}

// The bytes are known to start with the magic.
Result<HclReport> parse_index(ByteSpan index) {
    Reader in(index.subspan(index_magic.size()));
    HclReport report;
    report.version = in.le32();
    (void)in.bytes(offsetof(HclIndexWire, hardware) - offsetof(HclIndexWire, report_size));
    const ByteSpan hardware = in.bytes(hardware_size);
    const std::uint32_t data_size = in.le32();
    const std::uint32_t data_version = in.le32();
    const std::uint32_t type = in.le32();
    const std::uint32_t hash_type = in.le32();
    const std::uint32_t claims_size = in.le32();
    if (!in.ok())
        return fail(fmt::format("HCL report of {} bytes", index.size()), EBADMSG);
    const auto hash = hash_of(hash_type);
    if (report.version == 0 || report.version > newest_version || data_version == 0 ||
        data_version > newest_data_version || (type != type_snp && type != type_tdx) || !hash)
        return fail(fmt::format("HCL report of version {}, of data of version {}, hardware {} and "
                                "hash {}",
                                report.version, data_version, type, hash_type),
                    EOPNOTSUPP);

    const std::uint64_t rest = std::uint64_t{data_size} - data_head_size - claims_size;
    if (data_size < data_head_size || (rest != 0 && rest != capabilities_size))
        return fail(
            fmt::format("HCL report with {} bytes of claims in {} of data", claims_size, data_size),
            EBADMSG);
    (void)in.bytes(static_cast<std::size_t>(rest));
    report.claims = in.bytes(claims_size);
    if (!in.ok())
        return fail(
            fmt::format("HCL report of {} bytes with {} of claims", index.size(), claims_size),
            EBADMSG);
    report.padding = in.bytes(in.left());
    report.hash = *hash;
    take_hardware(report, hardware, type);
    return report;
}

Result<HclReport> parse_outblob(ByteSpan bytes) {
    if (bytes.size() < head_size)
        return fail(fmt::format("tsmfd_hcl's report of {} bytes", bytes.size()), EBADMSG);
    const Head head = read_head(bytes);
    if (head.version != 1 || head.reserved != 0)
        return fail(fmt::format("tsmfd_hcl's report of version {}", head.version), EBADMSG);
    if (head.total() != bytes.size())
        return fail(fmt::format("tsmfd_hcl's report of {} bytes whose head says {}", bytes.size(),
                                head.total()),
                    EBADMSG);
    if (head.signature_len == 0 || head.public_len == 0)
        return fail("tsmfd_hcl's report without a signature or a key", EBADMSG);

    Reader in(bytes.subspan(head_size));
    const ByteSpan index = in.bytes(head.hcl_len);
    if (!is_hcl_index(index))
        return fail("tsmfd_hcl's report without an HCL report", EBADMSG);
    auto report = parse_index(index);
    if (!report)
        return report;
    report->attest = in.bytes(head.attest_len);
    report->signature = in.bytes(head.signature_len);
    report->public_key = in.bytes(head.public_len);
    auto quote = parse_tpm_quote(report->attest);
    if (!quote)
        return std::unexpected(std::move(quote.error()));
    report->quote = *quote;
    return report;
}

} // namespace

const char* hcl_hardware_name(HclHardware hardware) noexcept {
    return hardware == HclHardware::snp ? "SEV-SNP" : "TDX";
}

std::optional<TpmDigest> HclReport::claims_digest() const noexcept {
    return tpm_digest(hash, {claims});
}

bool HclReport::is_about_its_claims() const noexcept {
    const auto digest = claims_digest();
    return digest && digest->is(report_data.first(digest->size)) &&
           is_zero(report_data.subspan(digest->size));
}

bool is_hcl_index(ByteSpan bytes) noexcept {
    return starts_with(bytes, index_magic);
}

bool is_hcl_outblob(ByteSpan bytes) noexcept {
    return starts_with(bytes, head_magic);
}

std::size_t hcl_outblob_size(ByteSpan stream) noexcept {
    if (!is_hcl_outblob(stream) || stream.size() < head_size)
        return 0;
    const std::uint64_t total = read_head(stream).total();
    return total <= stream.size() ? static_cast<std::size_t>(total) : 0;
}

Result<HclReport> parse_hcl_report(ByteSpan bytes) noexcept {
    if (is_hcl_index(bytes))
        return parse_index(bytes);
    if (is_hcl_outblob(bytes))
        return parse_outblob(bytes);
    return fail(fmt::format("{} bytes that are no HCL report", bytes.size()), EBADMSG);
}

Result<HclAux> parse_hcl_aux(ByteSpan auxblob) noexcept {
    Reader in(auxblob);
    if (!std::ranges::equal(in.bytes(aux_magic.size()), aux_magic))
        return fail(fmt::format("auxblob of {} bytes that is not tsmfd_hcl's", auxblob.size()),
                    EBADMSG);
    const std::uint32_t version = in.le32();
    const std::uint32_t certificate_len = in.le32();
    const std::uint32_t event_log_len = in.le32();
    const std::uint32_t reserved = in.le32();
    if (!in.ok() || version != 1 || reserved != 0)
        return fail(fmt::format("tsmfd_hcl's auxblob of version {}", version), EBADMSG);

    const HclAux aux{.ak_certificate = in.bytes(certificate_len),
                     .event_log = in.bytes(event_log_len)};
    if (!in.ok() || in.left() != 0)
        return fail(fmt::format("tsmfd_hcl's auxblob of {} bytes whose head says otherwise",
                                auxblob.size()),
                    EBADMSG);
    return aux;
}

} // namespace tsmfd
