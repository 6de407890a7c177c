// SPDX-License-Identifier: MIT
#include <tsmfd/evidence/tdx_quote.hpp>

#include <fmt/format.h>

namespace tsmfd {

namespace {

constexpr std::uint16_t ecdsa_p256 = 2;
constexpr std::uint32_t tee_tdx = 0x81;
constexpr std::uint16_t body_tdx_1_0 = 2;
constexpr std::uint16_t body_tdx_1_5 = 3; // what 1.0 has, and more behind it
constexpr std::uint16_t certified_by_qe = 6;
constexpr std::uint16_t certified_by_pck_chain = 5;

Error cut_short(const char* what) {
    return {fmt::format("TDX quote whose {} has another length than it says", what), EBADMSG};
}

struct Start {
    std::uint16_t version = 0;
    std::uint16_t key_type = 0;
    std::uint32_t tee = 0;

    [[nodiscard]] bool known() const {
        return (version == 4 || version == 5) && key_type == ecdsa_p256 && tee == tee_tdx;
    }
};

Start start_of(Reader& in) {
    Start start;
    start.version = in.le16();
    start.key_type = in.le16();
    start.tee = in.le32();
    (void)in.bytes(sizeof(TdxHeaderWire) - 8);
    return start;
}

void read_body(TdxQuote& quote, Reader in) {
    quote.tee_tcb_svn = in.array<16>();
    quote.mr_seam = in.array<48>();
    quote.mr_signer_seam = in.array<48>();
    quote.seam_attributes = in.le64();
    quote.td_attributes = in.le64();
    quote.xfam = in.le64();
    quote.mr_td = in.array<48>();
    quote.mr_config_id = in.array<48>();
    quote.mr_owner = in.array<48>();
    quote.mr_owner_config = in.array<48>();
    for (auto& rtmr : quote.rtmr)
        rtmr = in.array<48>();
    quote.report_data = in.array<64>();
    if (in.left() != 0) {
        quote.tee_tcb_svn_2 = in.array<16>();
        quote.mr_service_td = in.array<48>();
    }
}

QeReport read_qe_report(ByteSpan bytes) {
    Reader in(bytes);
    QeReport report;
    (void)in.bytes(offsetof(QeReportWire, misc_select));
    report.misc_select = in.array<4>();
    (void)in.bytes(sizeof(QeReportWire::reserved_014));
    report.attributes = in.array<16>();
    report.mr_enclave = in.array<32>();
    (void)in.bytes(sizeof(QeReportWire::reserved_060));
    report.mr_signer = in.array<32>();
    (void)in.bytes(sizeof(QeReportWire::reserved_0a0));
    report.isv_prod_id = in.le16();
    report.isv_svn = in.le16();
    (void)in.bytes(sizeof(QeReportWire::reserved_104));
    report.report_data = in.array<64>();
    return report;
}

// The body's bytes; empty if there are none of a known kind.
ByteSpan find_body(std::uint16_t version, Reader& in) {
    if (version == 4)
        return in.bytes(sizeof(TdxBodyWire));
    const std::uint16_t type = in.le16();
    const std::uint32_t size = in.le32();
    if ((type == body_tdx_1_0 && size == sizeof(TdxBodyWire)) ||
        (type == body_tdx_1_5 && size == sizeof(TdxBody15Wire)))
        return in.bytes(size);
    return {};
}

// Certification data of type 6, and of type 5 in it.
Result<void> read_certification(TdxQuote& quote, ByteSpan data) {
    Reader in(data);
    quote.qe_report = in.bytes(sizeof(QeReportWire));
    quote.qe_signature = in.bytes(64);
    quote.qe_auth_data = in.bytes(in.le16());
    const std::uint16_t type = in.le16();
    quote.pck_chain = in.bytes(in.le32());
    if (!in.ok() || in.left() != 0)
        return std::unexpected(cut_short("QE certification data"));
    if (type != certified_by_pck_chain)
        return fail(fmt::format("TDX quote with QE certification data of type {}", type),
                    EOPNOTSUPP);
    quote.qe = read_qe_report(quote.qe_report);
    return {};
}

Result<void> read_signature(TdxQuote& quote, ByteSpan data) {
    Reader in(data);
    quote.signature = in.bytes(64);
    quote.attestation_key = in.bytes(64);
    const std::uint16_t type = in.le16();
    const ByteSpan certification = in.bytes(in.le32());
    if (!in.ok() || in.left() != 0)
        return std::unexpected(cut_short("signature data"));
    if (type != certified_by_qe)
        return fail(fmt::format("TDX quote with certification data of type {}", type), EOPNOTSUPP);
    return read_certification(quote, certification);
}

} // namespace

bool is_tdx_quote(ByteSpan bytes) noexcept {
    Reader in(bytes);
    const Start start = start_of(in);
    return in.ok() && start.known();
}

std::optional<ByteSpan> tdx_report_data(ByteSpan bytes) noexcept {
    Reader in(bytes);
    const Start start = start_of(in);
    if (!in.ok() || !start.known())
        return std::nullopt;
    const ByteSpan body = find_body(start.version, in);
    if (body.empty())
        return std::nullopt;
    return body.subspan(offsetof(TdxBodyWire, report_data), sizeof(TdxBodyWire::report_data));
}

Result<TdxQuote> parse_tdx_quote(ByteSpan bytes) noexcept {
    Reader in(bytes);
    const Start start = start_of(in);
    if (!in.ok())
        return fail(fmt::format("TDX quote of {} bytes", bytes.size()), EBADMSG);
    if (!start.known())
        return fail(fmt::format("quote of version {}, key type {}, TEE {:#x}", start.version,
                                start.key_type, start.tee),
                    EOPNOTSUPP);

    TdxQuote quote;
    quote.version = start.version;
    const ByteSpan body = find_body(start.version, in);
    if (body.empty())
        return std::unexpected(cut_short("body"));
    read_body(quote, Reader(body));
    quote.signed_part = bytes.first(bytes.size() - in.left());

    const ByteSpan signature = in.bytes(in.le32());
    // Quoting services leave room behind it; nobody has signed what is there.
    if (!in.ok())
        return std::unexpected(cut_short("signature data"));
    quote.trailing = in.bytes(in.left());
    if (const auto read = read_signature(quote, signature); !read)
        return std::unexpected(read.error());
    return quote;
}

} // namespace tsmfd
