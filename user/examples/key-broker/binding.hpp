// SPDX-License-Identifier: MIT
//
// What ties the parts of one exchange to each other, so that none can be taken out and used in
// another. Sizes are of 4 bytes, big-endian.
//
//     report data   SHA-512(sized "tsmfd key broker 1: report data", sized nonce, sized key,
//                   sized name): the guest's report is of this nonce and this key
//     sealing       HPKE with info "tsmfd key broker 1: secret" and the report data as aad
//     signature     Ed25519(sized "tsmfd key broker 1: answer", sized report data, sized enc,
//                   sized ciphertext): the broker's answer is to this report
//
// Threads: functions of their arguments; keys are immutable once made.
#pragma once

#include "hpke.hpp"
#include "wire.hpp"

#include <tsmfd/result.hpp>

#include <array>
#include <string_view>

namespace keybroker {

using ReportData = std::array<std::uint8_t, 64>;

[[nodiscard]] tsmfd::Result<ReportData> report_data(const Nonce& nonce, const Key& key,
                                                    std::string_view name);

// The broker's own key.
class SigningKey {
public:
    // EBADMSG unless it is a private key of Ed25519 in PEM.
    static tsmfd::Result<SigningKey> from_pem(tsmfd::ByteSpan pem);

    // Encrypts a secret to the key of a request, and signs that. EBADMSG for a key of small order.
    [[nodiscard]] tsmfd::Result<Answer> seal(tsmfd::ByteSpan secret, const Key& to,
                                             const ReportData& bound) const;

private:
    explicit SigningKey(tsmfd::ossl::PkeyPtr key) : key_(std::move(key)) {}

    tsmfd::ossl::PkeyPtr key_;
};

// The same key as others know it.
class BrokerKey {
public:
    // EBADMSG unless it is a public key of Ed25519 in PEM.
    static tsmfd::Result<BrokerKey> from_pem(tsmfd::ByteSpan pem);

    // EKEYREJECTED unless this broker signed it for this.
    [[nodiscard]] tsmfd::Result<void> check(const Answer& answer, const ReportData& bound) const;

private:
    explicit BrokerKey(tsmfd::ossl::PkeyPtr key) : key_(std::move(key)) {}

    tsmfd::ossl::PkeyPtr key_;
};

// What seal() encrypted to this key. EBADMSG for what was encrypted for something else.
[[nodiscard]] tsmfd::Result<Secret> unseal(const Answer& answer, const hpke::KeyPair& own,
                                           const ReportData& bound);

} // namespace keybroker
