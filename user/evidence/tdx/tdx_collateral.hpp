// SPDX-License-Identifier: MIT
//
// What was read of collateral's files. Not part of the library's interface.
//
// Threads: not changed once it is made. OpenSSL sorts a CRL when it first looks something up in
// it, under a lock of its own.
#pragma once

#include "tdx/tcb_info.hpp"
#include "x509/crl.hpp"
#include "x509/x509.hpp"

#include <tsmfd/evidence/qe_identity.hpp>
#include <tsmfd/evidence/tdx_collateral.hpp>

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace tsmfd {

// Text that Intel has signed, and what is in it.
template <typename What>
struct IntelSigned {
    What what;
    IntelTimes times;
    std::string text;
    std::array<std::uint8_t, 64> signature{}; // r and s, big-endian
};

struct TdxCollateral::Contents {
    std::vector<IntelSigned<TcbInfo>> tcb_infos;
    std::vector<IntelSigned<QeIdentity>> qe_identities;
    ossl::Certificates certificates;
    ossl::Crls crls;
};

} // namespace tsmfd
