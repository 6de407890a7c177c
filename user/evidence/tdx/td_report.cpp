// SPDX-License-Identifier: MIT
#include <tsmfd/evidence/td_report.hpp>
#include <tsmfd/evidence/tpm_hash.hpp>

#include <fmt/format.h>

namespace tsmfd {

namespace {

using Wire = TdReportWire;

bool is_sha384_of(ByteSpan hash, ByteSpan bytes) {
    const auto digest = tpm_digest(TpmHash::sha384, {bytes});
    return digest && digest->is(hash);
}

// Of bytes that are known to be as long as a report.
bool are_hashes_right(ByteSpan report) {
    constexpr std::size_t hash_size = sizeof(Wire::tee_info_hash);
    constexpr std::size_t tcb_info_size = offsetof(Wire, reserved_1ef) - offsetof(Wire, valid);
    return is_sha384_of(report.subspan(offsetof(Wire, tee_tcb_info_hash), hash_size),
                        report.subspan(offsetof(Wire, valid), tcb_info_size)) &&
           is_sha384_of(report.subspan(offsetof(Wire, tee_info_hash), hash_size),
                        report.subspan(offsetof(Wire, td_attributes)));
}

void read_tcb_info(TdReport& report, Reader in) {
    (void)in.bytes(sizeof(Wire::valid));
    report.tee_tcb_svn = in.array<16>();
    report.mr_seam = in.array<48>();
    report.mr_signer_seam = in.array<48>();
    report.seam_attributes = in.le64();
    report.tee_tcb_svn_2 = in.array<16>();
}

void read_td_info(TdReport& report, Reader in) {
    report.td_attributes = in.le64();
    report.xfam = in.le64();
    report.mr_td = in.array<48>();
    report.mr_config_id = in.array<48>();
    report.mr_owner = in.array<48>();
    report.mr_owner_config = in.array<48>();
    for (auto& rtmr : report.rtmr)
        rtmr = in.array<48>();
    report.mr_service_td = in.array<48>();
}

} // namespace

std::vector<std::string> TdReport::differences_from(const TdxQuote& quote) const noexcept {
    std::vector<std::string> names;
    const auto same = [&names](bool is, std::string name) {
        if (!is)
            names.push_back(std::move(name));
    };
    same(quote.tee_tcb_svn == tee_tcb_svn, "tee_tcb_svn");
    same(quote.mr_seam == mr_seam, "mrseam");
    same(quote.mr_signer_seam == mr_signer_seam, "mrsignerseam");
    same(quote.seam_attributes == seam_attributes, "seamattributes");
    same(quote.td_attributes == td_attributes, "td attributes");
    same(quote.xfam == xfam, "xfam");
    same(quote.mr_td == mr_td, "mrtd");
    same(quote.mr_config_id == mr_config_id, "mrconfigid");
    same(quote.mr_owner == mr_owner, "mrowner");
    same(quote.mr_owner_config == mr_owner_config, "mrownerconfig");
    for (std::size_t i = 0; i < rtmr.size(); ++i)
        same(quote.rtmr[i] == rtmr[i], fmt::format("rtmr{}", i));
    same(quote.report_data == report_data, "reportdata");
    same(!quote.tee_tcb_svn_2 || *quote.tee_tcb_svn_2 == tee_tcb_svn_2, "tee_tcb_svn_2");
    same(!quote.mr_service_td || *quote.mr_service_td == mr_service_td, "mrservicetd");
    return names;
}

Result<TdReport> parse_td_report(ByteSpan bytes) noexcept {
    if (bytes.size() != td_report_size)
        return fail(fmt::format("TDREPORT of {} bytes, not {}", bytes.size(), td_report_size),
                    EBADMSG);
    const auto type = Reader(bytes).array<4>();
    if (type[0] != TdReport::type_tdx || type[1] != 0)
        return fail(fmt::format("TDREPORT of type {:#x}, subtype {}", type[0], type[1]),
                    EOPNOTSUPP);

    TdReport report;
    report.cpu_svn = Reader(bytes.subspan(offsetof(Wire, cpu_svn))).array<16>();
    report.report_data = Reader(bytes.subspan(offsetof(Wire, report_data))).array<64>();
    read_tcb_info(report, Reader(bytes.subspan(offsetof(Wire, valid))));
    read_td_info(report, Reader(bytes.subspan(offsetof(Wire, td_attributes))));
    report.is_whole = are_hashes_right(bytes);
    return report;
}

} // namespace tsmfd
