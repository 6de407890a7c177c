// SPDX-License-Identifier: MIT
#include <tsmfd/evidence/snp_report.hpp>

#include <fmt/format.h>

namespace tsmfd {

namespace {

constexpr std::uint32_t first_with_cpuid = 3;
constexpr std::uint32_t first_with_mit_vectors = 5;

bool is_version(std::uint32_t version) {
    return version >= 2 && version <= snp_version_max;
}

// The member at `offset` of bytes that are known to be a whole report.
Reader at(ByteSpan report, std::size_t offset) {
    return Reader(report.subspan(offset));
}

SnpVersion version_at(ByteSpan report, std::size_t offset) {
    const auto bytes = at(report, offset).array<3>();
    return {.build = bytes[0], .minor = bytes[1], .major = bytes[2]};
}

} // namespace

Result<SnpReport> parse_snp_report(ByteSpan bytes) noexcept {
    if (bytes.size() != snp_report_size)
        return fail(fmt::format("SNP report of {} bytes, not {}", bytes.size(), snp_report_size),
                    EBADMSG);

    using Wire = SnpReportWire;
    Result<SnpReport> parsed; // one object, so that nothing is copied on the way out
    SnpReport& report = *parsed;
    report.version = at(bytes, offsetof(Wire, version)).le32();
    if (!is_version(report.version))
        return fail(fmt::format("SNP report of version {}", report.version), EBADMSG);

    report.guest_svn = at(bytes, offsetof(Wire, guest_svn)).le32();
    report.policy = at(bytes, offsetof(Wire, policy)).le64();
    report.family_id = at(bytes, offsetof(Wire, family_id)).array<16>();
    report.image_id = at(bytes, offsetof(Wire, image_id)).array<16>();
    report.vmpl = at(bytes, offsetof(Wire, vmpl)).le32();
    report.signature_algo = at(bytes, offsetof(Wire, signature_algo)).le32();
    report.current_tcb = at(bytes, offsetof(Wire, current_tcb)).le64();
    report.platform_info = at(bytes, offsetof(Wire, platform_info)).le64();
    report.signer_info = at(bytes, offsetof(Wire, signer_info)).le32();
    report.report_data = at(bytes, offsetof(Wire, report_data)).array<64>();
    report.measurement = at(bytes, offsetof(Wire, measurement)).array<48>();
    report.host_data = at(bytes, offsetof(Wire, host_data)).array<32>();
    report.id_key_digest = at(bytes, offsetof(Wire, id_key_digest)).array<48>();
    report.author_key_digest = at(bytes, offsetof(Wire, author_key_digest)).array<48>();
    report.report_id = at(bytes, offsetof(Wire, report_id)).array<32>();
    report.report_id_ma = at(bytes, offsetof(Wire, report_id_ma)).array<32>();
    report.reported_tcb = at(bytes, offsetof(Wire, reported_tcb)).le64();
    if (report.version >= first_with_cpuid) {
        const auto cpuid = at(bytes, offsetof(Wire, cpuid)).array<3>();
        report.cpuid = SnpCpuid{.family = cpuid[0], .model = cpuid[1], .stepping = cpuid[2]};
    }
    report.chip_id = at(bytes, offsetof(Wire, chip_id)).array<64>();
    report.committed_tcb = at(bytes, offsetof(Wire, committed_tcb)).le64();
    report.current_version = version_at(bytes, offsetof(Wire, current_version));
    report.committed_version = version_at(bytes, offsetof(Wire, committed_version));
    report.launch_tcb = at(bytes, offsetof(Wire, launch_tcb)).le64();
    if (report.version >= first_with_mit_vectors) {
        report.launch_mit_vector = at(bytes, offsetof(Wire, launch_mit_vector)).le64();
        report.current_mit_vector = at(bytes, offsetof(Wire, current_mit_vector)).le64();
    }
    report.signature_r = at(bytes, offsetof(Wire, signature_r)).array<72>();
    report.signature_s = at(bytes, offsetof(Wire, signature_s)).array<72>();
    return parsed;
}

std::string_view snp_product(const SnpCpuid& cpuid) noexcept {
    if (cpuid.family == 0x19 && cpuid.model <= 0x0f)
        return "Milan";
    if (cpuid.family == 0x19 && ((cpuid.model >= 0x10 && cpuid.model <= 0x1f) ||
                                 (cpuid.model >= 0xa0 && cpuid.model <= 0xaf)))
        return "Genoa";
    if (cpuid.family == 0x1a && cpuid.model <= 0x11)
        return "Turin";
    return {};
}

std::optional<SnpFacts> snp_facts(ByteSpan bytes) noexcept {
    using Wire = SnpReportWire;
    if (bytes.size() != snp_report_size || !is_version(at(bytes, offsetof(Wire, version)).le32()))
        return std::nullopt;
    return SnpFacts{
        .vmpl = at(bytes, offsetof(Wire, vmpl)).le32(),
        .report_data = bytes.subspan(offsetof(Wire, report_data), sizeof(Wire::report_data)),
        .host_data = bytes.subspan(offsetof(Wire, host_data), sizeof(Wire::host_data)),
    };
}

} // namespace tsmfd
