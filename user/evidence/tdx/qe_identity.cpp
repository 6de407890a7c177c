// SPDX-License-Identifier: MIT
#include "tdx/intel_json.hpp"

#include <tsmfd/evidence/qe_identity.hpp>

#include <utility>

namespace tsmfd {

namespace {

QeIdentity::Level level_of(Section& from, std::optional<Error>& wrong) {
    QeIdentity::Level level;
    if (const Section::Json* tcb = from.find("tcb"); tcb != nullptr) {
        Section versions(*tcb, from.path_of("tcb"), wrong);
        level.isv_svn = static_cast<std::uint16_t>(intel::number(versions, "isvsvn", UINT16_MAX));
    } else {
        from.refuse("tcb", "missing");
    }
    level.status = intel::status(from, "tcbStatus");
    level.date = intel::text(from, "tcbDate");
    level.advisories = intel::words(from, "advisoryIDs");
    return level;
}

QeIdentity identity_of(Section& from, std::optional<Error>& wrong) {
    QeIdentity identity;
    identity.whose = "the identity that was given";
    if (const std::string id = intel::text(from, "id"); id != "TD_QE")
        from.refuse("id", "'" + id + "', not TD_QE");
    if (intel::number(from, "version", UINT32_MAX) != 2)
        from.refuse("version", "not 2");
    identity.misc_select = intel::bytes<4>(from, "miscselect");
    identity.misc_select_mask = intel::bytes<4>(from, "miscselectMask");
    identity.attributes = intel::bytes<16>(from, "attributes");
    identity.attributes_mask = intel::bytes<16>(from, "attributesMask");
    identity.mr_signer = intel::bytes<32>(from, "mrsigner");
    identity.isv_prod_id = static_cast<std::uint16_t>(intel::number(from, "isvprodid", UINT16_MAX));
    intel::each(from, "tcbLevels", wrong, [&](Section& level, std::size_t /*number*/) {
        identity.levels.push_back(level_of(level, wrong));
    });
    return identity;
}

} // namespace

QeIdentity QeIdentity::intel() noexcept {
    QeIdentity identity;
    identity.whose = "Intel's TD quoting enclave, as published";
    identity.misc_select_mask.fill(0xff);
    identity.attributes = {0x11}; // initialised, may have the provisioning key; no debugging
    identity.attributes_mask = {0xfb, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}; // 64 bit or not
    identity.mr_signer = {0xdc, 0x9e, 0x2a, 0x7c, 0x6f, 0x94, 0x8f, 0x17, 0x47, 0x4e, 0x34,
                          0xa7, 0xfc, 0x43, 0xed, 0x03, 0x0f, 0x7c, 0x15, 0x63, 0xf1, 0xba,
                          0xbd, 0xdf, 0x63, 0x40, 0xc8, 0x2e, 0x0e, 0x54, 0xa8, 0xc5};
    identity.isv_prod_id = 2;
    return identity;
}

Result<QeIdentity> QeIdentity::parse(std::string_view json) noexcept {
    const auto document = parse_json(json);
    if (!document)
        return std::unexpected(document.error());
    const bool wrapped = document->is_object() && document->contains("enclaveIdentity");
    std::optional<Error> wrong;
    Section members(wrapped ? (*document)["enclaveIdentity"] : *document,
                    wrapped ? "enclaveIdentity" : "", wrong);
    QeIdentity identity = identity_of(members, wrong);
    if (wrong)
        return std::unexpected(std::move(*wrong));
    return identity;
}

} // namespace tsmfd
