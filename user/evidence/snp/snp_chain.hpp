// SPDX-License-Identifier: MIT
//
// Whose key has signed an SEV-SNP report: the certificates that were given and that came along,
// and the one of them that fits. Not part of the library's interface.
//
//     const ChainPtr chain = snp_chain(evidence, policy, report, AmdCert::Kind::vcek);
//
// Threads: functions of their arguments; the policy's cache locks.
#pragma once

#include "snp/amd_cert.hpp"
#include "snp/snp_policy.hpp"
#include "x509/chain.hpp"

#include <tsmfd/evidence/snp_report.hpp>
#include <tsmfd/evidence/snp_verify.hpp>
#include <tsmfd/evidence/verdict.hpp>

namespace tsmfd {

// From the policy's cache, if it has one. Its checks are "certificates", "signer" and "chain", and
// "product" of a certificate that AMD would not make.
[[nodiscard]] ChainPtr snp_chain(const Evidence& evidence, const SnpPolicy::Members& policy,
                                 const SnpReport& report, AmdCert::Kind kind);

// Is the certificate of the report's chip? True, too, if either does not say.
[[nodiscard]] bool is_of_chip(const SnpReport& report, const AmdCert& cert);

} // namespace tsmfd
