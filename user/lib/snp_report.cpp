// SPDX-License-Identifier: MIT
#include <tsmfd/snp_report.hpp>

#include <fmt/format.h>

namespace tsmfd {

namespace {

// The member at `offset` of bytes that are known to be a whole report.
constexpr Reader at(ByteSpan report, std::size_t offset) {
    return Reader(report.subspan(offset));
}

} // namespace

Result<SnpReport> parse_snp_report(ByteSpan bytes) {
    if (bytes.size() != snp_report_size)
        return fail(fmt::format("SNP report of {} bytes, not {}", bytes.size(), snp_report_size),
                    EBADMSG);

    using Wire = SnpReportWire;
    Result<SnpReport> parsed; // one object, so that nothing is copied on the way out
    SnpReport& report = *parsed;
    report.version = at(bytes, offsetof(Wire, version)).le32();
    if (report.version < 2 || report.version > 5)
        return fail(fmt::format("SNP report of version {}", report.version), EBADMSG);

    report.guest_svn = at(bytes, offsetof(Wire, guest_svn)).le32();
    report.policy = at(bytes, offsetof(Wire, policy)).le64();
    report.vmpl = at(bytes, offsetof(Wire, vmpl)).le32();
    report.signature_algo = at(bytes, offsetof(Wire, signature_algo)).le32();
    report.reported_tcb = at(bytes, offsetof(Wire, reported_tcb)).le64();
    report.report_data = at(bytes, offsetof(Wire, report_data)).array<64>();
    report.measurement = at(bytes, offsetof(Wire, measurement)).array<48>();
    report.host_data = at(bytes, offsetof(Wire, host_data)).array<32>();
    report.chip_id = at(bytes, offsetof(Wire, chip_id)).array<64>();
    report.signature_r = at(bytes, offsetof(Wire, signature_r)).array<72>();
    report.signature_s = at(bytes, offsetof(Wire, signature_s)).array<72>();
    return parsed;
}

} // namespace tsmfd
