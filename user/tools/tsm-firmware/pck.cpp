// SPDX-License-Identifier: MIT
#include "pck.hpp"

#include "issuer.hpp"
#include "x509.hpp"

#include <algorithm>
#include <initializer_list>
#include <iterator>
#include <span>
#include <utility>

namespace firmware {

namespace {

namespace ossl = tsmfd::ossl;
using tsmfd::fail;
using tsmfd::Result;

constexpr const char* sgx_oid = "1.2.840.113741.1.13.1";
// The same in DER; what is below it goes on behind it.
constexpr std::array<std::uint8_t, 9> sgx_arcs = {0x2a, 0x86, 0x48, 0x86, 0xf8,
                                                  0x4d, 0x01, 0x0d, 0x01};

enum Tag : std::uint8_t {
    integer = 0x02,
    octets = 0x04,
    object = 0x06,
    enumerated = 0x0a,
    sequence = 0x30,
};

Bytes tagged(Tag tag, std::span<const std::uint8_t> contents) {
    Bytes der = {tag};
    const std::size_t size = contents.size();
    if (size >= 0x100) {
        der.push_back(0x82);
        der.push_back(static_cast<std::uint8_t>(size >> 8));
    } else if (size >= 0x80) {
        der.push_back(0x81);
    }
    der.push_back(static_cast<std::uint8_t>(size));
    std::ranges::copy(contents, std::back_inserter(der));
    return der;
}

Bytes number(std::uint32_t value) {
    Bytes bytes;
    for (int shift = 24; shift >= 0; shift -= 8) {
        const auto byte = static_cast<std::uint8_t>(value >> shift);
        // As few as there can be, the first without its highest bit.
        if (!bytes.empty() || byte != 0 || shift == 0) {
            if (bytes.empty() && byte >= 0x80)
                bytes.push_back(0);
            bytes.push_back(byte);
        }
    }
    return tagged(integer, bytes);
}

// SEQUENCE { OID below SGX's, value }
Bytes member(std::initializer_list<std::uint8_t> arcs, std::span<const std::uint8_t> value) {
    Bytes oid(sgx_arcs.begin(), sgx_arcs.end());
    oid.insert(oid.end(), arcs);
    Bytes both = tagged(object, oid);
    std::ranges::copy(value, std::back_inserter(both));
    return tagged(sequence, both);
}

Bytes sequence_of(const std::vector<Bytes>& members) {
    Bytes all;
    for (const Bytes& one : members)
        std::ranges::copy(one, std::back_inserter(all));
    return tagged(sequence, all);
}

Bytes tcb_of(const PckPlatform& platform) {
    std::vector<Bytes> parts;
    parts.reserve(platform.cpu_svn.size() + 2);
    std::uint8_t arc = 0;
    for (const std::uint8_t component : platform.cpu_svn)
        parts.push_back(member({2, ++arc}, number(component)));
    parts.push_back(member({2, 17}, number(platform.pce_svn)));
    parts.push_back(member({2, 18}, tagged(octets, platform.cpu_svn)));
    return sequence_of(parts);
}

Bytes sgx_extension(const PckPlatform& platform) {
    constexpr std::array<std::uint8_t, 1> standard = {0};
    return sequence_of({member({1}, tagged(octets, platform.ppid)), member({2}, tcb_of(platform)),
                        member({3}, tagged(octets, platform.pce_id)),
                        member({4}, tagged(octets, platform.fmspc)),
                        member({5}, tagged(enumerated, standard))});
}

// The attestation key is written last: where it is, the rest is too.
Result<void> fill(const State& state, const PckPlatform& platform) {
    const ossl::PkeyPtr root_key(EVP_EC_gen("P-256"));
    const ossl::PkeyPtr ca_key(EVP_EC_gen("P-256"));
    const ossl::PkeyPtr pck_key(EVP_EC_gen("P-256"));
    const ossl::PkeyPtr attestation_key(EVP_EC_gen("P-256"));
    if (!root_key || !ca_key || !pck_key || !attestation_key)
        return fail("make the keys of an emulated platform", ENOMEM);
    const auto root =
        certify("Intel SGX Root CA", root_key.get(), {.key = root_key.get()}, years(25), add_ca);
    const auto ca = certify("Intel SGX PCK Platform CA", ca_key.get(),
                            {.key = root_key.get(), .certificate = root.get()}, years(15), add_ca);
    const auto pck = certify(
        "Intel SGX PCK Certificate", pck_key.get(), {.key = ca_key.get(), .certificate = ca.get()},
        years(7), [&](X509* to) { return add_extension(to, sgx_oid, sgx_extension(platform)); });
    if (!root || !ca || !pck)
        return fail("make the certificates of an emulated platform", ENOMEM);
    for (const auto& [name, bytes] :
         {std::pair{"root.pem", ossl::pem_of(root.get())},
          std::pair{"pck_ca.pem", ossl::pem_of(ca.get())},
          std::pair{"pck.pem", ossl::pem_of(pck.get())},
          std::pair{"pck.key", pem_of(pck_key.get())},
          std::pair{"attestation.key", pem_of(attestation_key.get())}}) {
        if (const auto kept = state.keep(name, bytes); !kept)
            return kept;
    }
    return {};
}

} // namespace

Result<PckAuthority> PckAuthority::in(const std::string& directory, const PckPlatform& platform) {
    const ossl::ErrorsForgotten errors;
    const auto state = State::in(directory);
    if (!state)
        return std::unexpected(state.error());
    if (!state->has("attestation.key")) {
        if (const auto filled = fill(*state, platform); !filled)
            return std::unexpected(filled.error());
    }
    PckAuthority authority;
    for (const auto& [name, key] : {std::pair{"pck.key", &authority.pck_key_},
                                    std::pair{"attestation.key", &authority.attestation_key_}}) {
        auto read = state->key(name);
        if (!read)
            return std::unexpected(read.error());
        *key = std::move(*read);
    }
    for (const char* name : {"pck.pem", "pck_ca.pem", "root.pem"}) {
        const auto read = state->certificate(name);
        if (!read)
            return std::unexpected(read.error());
        std::ranges::copy(ossl::pem_of(read->get()), std::back_inserter(authority.chain_));
    }
    return authority;
}

} // namespace firmware
