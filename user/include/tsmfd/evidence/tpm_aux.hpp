// SPDX-License-Identifier: MIT
//
// What helps to verify a TPM's report: the auxblob of tsmfd_tpm, format extended.
//
// struct tsmfd_tpm_aux of <linux/tsmfd_tpm.h>, little-endian, then the parts whose lengths it
// gives.
//
//     Result<TpmAux> aux = parse_tpm_aux(evidence.auxblob);
//     Result<EventLog> log = EventLog::parse(aux->event_log);
//
// Threads: functions of their arguments. Spans live as long as the bytes parsed.
#pragma once

#include <tsmfd/bytes.hpp>
#include <tsmfd/export.hpp>
#include <tsmfd/result.hpp>

#include <cstddef>

#include <linux/tsmfd_tpm.h>

namespace tsmfd {

static_assert(offsetof(tsmfd_tpm_aux, version) == 8);
static_assert(offsetof(tsmfd_tpm_aux, public_len) == 12);
static_assert(offsetof(tsmfd_tpm_aux, ek_ecc_len) == 16);
static_assert(offsetof(tsmfd_tpm_aux, ek_rsa_len) == 20);
static_assert(offsetof(tsmfd_tpm_aux, event_log_len) == 24);
static_assert(offsetof(tsmfd_tpm_aux, reserved) == 28);
static_assert(sizeof(tsmfd_tpm_aux) == 32);

struct TpmAux {
    ByteSpan public_key; // TPM2B_PUBLIC, the report's
    ByteSpan ek_ecc;     // X.509 in DER, perhaps with padding; empty if the TPM has none
    ByteSpan ek_rsa;
    ByteSpan event_log; // for EventLog::parse(); empty if there is none
};

// EBADMSG unless the bytes are one auxblob and nothing else.
[[nodiscard]] TSMFD_API Result<TpmAux> parse_tpm_aux(ByteSpan auxblob) noexcept;

} // namespace tsmfd
