// SPDX-License-Identifier: MIT
#include "pck.hpp"

#include "collateral.hpp"
#include "issuer.hpp"
#include "x509/x509.hpp"

#include <algorithm>
#include <ctime>
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

// A key and its certificate.
struct Certified {
    ossl::PkeyPtr key{EVP_EC_gen("P-256")};
    ossl::X509Ptr certificate;

    [[nodiscard]] Issuer issuer() const {
        return {.key = key.get(), .certificate = certificate.get()};
    }
    [[nodiscard]] explicit operator bool() const { return key && certificate; }
};

template <typename Extend>
Certified certified(const char* name, const Certified& by, long seconds, Extend extend) {
    Certified made;
    const bool by_itself = !by.certificate;
    if (made.key && by.key)
        made.certificate =
            certify(name, made.key.get(), by_itself ? Issuer{.key = made.key.get()} : by.issuer(),
                    seconds, extend);
    return made;
}

struct Hierarchy {
    Certified root;
    Certified ca;
    Certified pck;
    Certified tcb; // what signs collateral
};

Result<Hierarchy> hierarchy_for(const PckPlatform& platform) {
    Hierarchy made;
    made.root = certified("Intel SGX Root CA", {}, years(25), add_ca);
    made.ca = certified("Intel SGX PCK Platform CA", made.root, years(15), add_ca);
    made.pck = certified("Intel SGX PCK Certificate", made.ca, years(7), [&](X509* to) {
        return add_extension(to, sgx_oid, sgx_extension(platform));
    });
    made.tcb =
        certified("Intel SGX TCB Signing", made.root, years(7), [](X509* /*to*/) { return true; });
    if (!made.root || !made.ca || !made.pck || !made.tcb)
        return fail("make the keys and certificates of an emulated platform", ENOMEM);
    return made;
}

std::string chain_of(const Certified& leaf, const Certified& root) {
    Bytes chain = ossl::pem_of(leaf.certificate.get());
    std::ranges::copy(ossl::pem_of(root.certificate.get()), std::back_inserter(chain));
    return {chain.begin(), chain.end()};
}

// As long as the platform's certificate is valid.
Collateral collateral_for(const Hierarchy& of, const PckPlatform& platform) {
    const std::int64_t now = std::time(nullptr);
    const std::int64_t next = now + years(7);
    Collateral made{.tcb_info = tcb_info({.platform = platform, .issued = now, .next = next}),
                    .tcb_info_signature = {},
                    .qe_identity = qe_identity({.issued = now, .next = next}),
                    .qe_identity_signature = {},
                    .signing_chain = chain_of(of.tcb, of.root),
                    .pck_ca_chain = chain_of(of.ca, of.root),
                    .root_crl = revocation_list(of.root.issuer(), years(7)),
                    .pck_crl = revocation_list(of.ca.issuer(), years(7))};
    made.tcb_info_signature = signature_of(made.tcb_info, of.tcb.key.get());
    made.qe_identity_signature = signature_of(made.qe_identity, of.tcb.key.get());
    return made;
}

Bytes bytes_of(const std::string& text) {
    return {text.begin(), text.end()};
}

// The collateral is written last: where it is, the rest is too.
Result<void> fill(const State& state, const PckPlatform& platform) {
    const ossl::PkeyPtr attestation_key(EVP_EC_gen("P-256"));
    const auto made = hierarchy_for(platform);
    if (!made)
        return std::unexpected(made.error());
    const Collateral collateral = collateral_for(*made, platform);
    for (const auto& [name, bytes] :
         {std::pair{"root.key", pem_of(made->root.key.get())},
          std::pair{"root.pem", ossl::pem_of(made->root.certificate.get())},
          std::pair{"pck_ca.key", pem_of(made->ca.key.get())},
          std::pair{"pck_ca.pem", ossl::pem_of(made->ca.certificate.get())},
          std::pair{"pck.key", pem_of(made->pck.key.get())},
          std::pair{"pck.pem", ossl::pem_of(made->pck.certificate.get())},
          std::pair{"tcb_signing.key", pem_of(made->tcb.key.get())},
          std::pair{"tcb_signing.pem", ossl::pem_of(made->tcb.certificate.get())},
          std::pair{"attestation.key", pem_of(attestation_key.get())},
          std::pair{"qe_identity.json",
                    bytes_of(signed_document("enclaveIdentity", collateral.qe_identity,
                                             made->tcb.key.get()))},
          std::pair{"collateral.json", bytes_of(document_of(collateral))}}) {
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
    if (!state->has("collateral.json")) {
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
