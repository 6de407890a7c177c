// SPDX-License-Identifier: MIT
//
// Whose enclave may certify the keys that sign TDX quotes.
//
// Any enclave on an SGX host can have a report of its own signed by the platform's key: that a
// quote's key is a quoting enclave's, and not one of the host's owner, only the enclave's signer
// and product say, and the attributes with which it runs.
//
// "Intel Provisioning Certification Service" API, version 4: GET
// .../tdx/certification/v4/qe/identity.
//
//     const QeIdentity intel = QeIdentity::intel();
//     const Result<QeIdentity> given = QeIdentity::parse(json);
//     policy.qe_identity = *given;
//
// Threads: a value.
#pragma once

#include <tsmfd/evidence/tcb_status.hpp>
#include <tsmfd/export.hpp>
#include <tsmfd/result.hpp>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tsmfd {

struct TSMFD_API QeIdentity {
    struct Level {
        std::uint16_t isv_svn = 0;
        TcbStatus status = TcbStatus::revoked;
        std::string date; // as Intel writes it: 2024-11-13T00:00:00Z
        std::vector<std::string> advisories;
    };

    std::string whose; // for people: where these values are from
    std::array<std::uint8_t, 4> misc_select{};
    std::array<std::uint8_t, 4> misc_select_mask{}; // the bits that count
    std::array<std::uint8_t, 16> attributes{};
    std::array<std::uint8_t, 16> attributes_mask{};
    std::array<std::uint8_t, 32> mr_signer{};
    std::uint16_t isv_prod_id = 0;
    std::vector<Level> levels; // the newest first; none: nothing is known of its versions

    // What Intel's service published for the TD quoting enclave in March 2026, without levels.
    [[nodiscard]] static QeIdentity intel() noexcept;

    // Intel's JSON: an object with the member "enclaveIdentity", whose "signature" is not looked
    // at, or what that member is. It is trusted because the caller says so, as a root is. EINVAL
    // for anything else, with the path of the member, and for another enclave's ("id" is not
    // "TD_QE").
    [[nodiscard]] static Result<QeIdentity> parse(std::string_view json) noexcept;
};

} // namespace tsmfd
