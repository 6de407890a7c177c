// SPDX-License-Identifier: MIT
#include "authority.hpp"

#include "issuer.hpp"
#include "x509/x509.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include <fmt/format.h>
#include <openssl/rsa.h>

namespace firmware {

namespace {

namespace ossl = tsmfd::ossl;
using tsmfd::fail;
using tsmfd::Result;

constexpr std::uint8_t der_integer = 0x02;
constexpr std::uint8_t der_ia5_string = 0x16;

struct ProductNames {
    std::string_view name;
    std::string_view word;
    std::string_view stepping; // as a VCEK's certificate has the name
};

constexpr std::array<ProductNames, 3> products = {{
    {"Milan", "milan", "Milan-B0"},
    {"Genoa", "genoa", "Genoa-B1"},
    {"Turin", "turin", "Turin-B0"},
}};

const ProductNames& names_of(Product product) {
    return products.at(static_cast<std::size_t>(product));
}

// The files of what signs reports.
struct Files {
    std::string ask;
    std::string leaf;
    std::string key;
};

Files files_of(const Platform& platform) {
    if (platform.vlek)
        return {.ask = "asvk.pem", .leaf = "vlek.der", .key = "vlek.key"};
    return {.ask = "ask.pem", .leaf = "vcek.der", .key = "vcek.key"};
}

bool add_integer(X509* certificate, const std::string& oid, std::uint8_t value) {
    // DER puts a zero before what would be negative.
    if (value >= 0x80)
        return add_extension(certificate, oid,
                             std::array<std::uint8_t, 4>{der_integer, 2, 0, value});
    return add_extension(certificate, oid, std::array<std::uint8_t, 3>{der_integer, 1, value});
}

bool add_text(X509* certificate, const std::string& oid, std::string_view text) {
    Bytes der = {der_ia5_string, static_cast<std::uint8_t>(text.size())};
    std::ranges::copy(text, std::back_inserter(der));
    return add_extension(certificate, oid, der);
}

// What AMD's certificate says of a platform, below 1.3.6.1.4.1.3704.1.
bool add_platform(X509* certificate, const Platform& platform) {
    const auto oid = [](const char* part) { return fmt::format("1.3.6.1.4.1.3704.1.{}", part); };
    const tsmfd::SnpTcb& tcb = platform.tcb;
    const ProductNames& names = names_of(platform.product);
    return add_integer(certificate, oid("1"), platform.product == Product::turin ? 1 : 0) &&
           add_text(certificate, oid("2"), platform.vlek ? names.name : names.stepping) &&
           add_integer(certificate, oid("3.1"), tcb.boot_loader) &&
           add_integer(certificate, oid("3.2"), tcb.tee) &&
           add_integer(certificate, oid("3.3"), tcb.snp) &&
           add_integer(certificate, oid("3.8"), tcb.microcode) &&
           (!tcb.fmc || add_integer(certificate, oid("3.9"), *tcb.fmc)) &&
           (platform.vlek ? add_text(certificate, oid("5"), "tsmfd")
                          : add_extension(certificate, oid("4"), platform.chip()));
}

// ARK-Milan, and the key it signs with, which may be taken away once it has.
Result<void> fill_root(const State& state, const Platform& platform) {
    const ossl::PkeyPtr key(EVP_RSA_gen(platform.rsa_bits));
    const auto ark = key ? certify(fmt::format("ARK-{}", product_name(platform.product)), key.get(),
                                   {.key = key.get()}, years(25), add_ca)
                         : nullptr;
    if (!ark)
        return fail("make the root of an emulated platform", ENOMEM);
    if (const auto kept = state.keep("ark.key", pem_of(key.get())); !kept)
        return kept;
    return state.keep("ark.pem", ossl::pem_of(ark.get()));
}

// SEV-Milan and SEV-VCEK, or SEV-VLEK-Milan and SEV-VLEK. The key is written last: where it is,
// the rest is too.
Result<void> fill_leaf(const State& state, const Platform& platform) {
    const auto ark = state.certificate("ark.pem");
    const auto ark_key = state.key("ark.key");
    if (!ark || !ark_key)
        return std::unexpected(ark ? ark_key.error() : ark.error());
    const ossl::PkeyPtr ask_key(EVP_RSA_gen(platform.rsa_bits));
    const ossl::PkeyPtr key(EVP_EC_gen("P-384"));
    if (!ask_key || !key)
        return fail("make the keys of an emulated platform", ENOMEM);
    const auto ask = certify(
        fmt::format("SEV-{}{}", platform.vlek ? "VLEK-" : "", product_name(platform.product)),
        ask_key.get(), {.key = ark_key->get(), .certificate = ark->get()}, years(25), add_ca);
    const auto leaf = certify(platform.vlek ? "SEV-VLEK" : "SEV-VCEK", key.get(),
                              {.key = ask_key.get(), .certificate = ask.get()}, years(7),
                              [&](X509* to) { return add_platform(to, platform); });
    if (!ask || !leaf)
        return fail("make the certificates of an emulated platform", ENOMEM);
    const Files files = files_of(platform);
    for (const auto& [name, bytes] :
         {std::pair{files.ask, ossl::pem_of(ask.get())}, std::pair{files.leaf, der_of(leaf.get())},
          std::pair{files.key, pem_of(key.get())}}) {
        if (const auto kept = state.keep(name, bytes); !kept)
            return kept;
    }
    return {};
}

Result<void> check_product(X509* ark, const Platform& platform, const std::string& directory) {
    const std::string name = ossl::common_name(X509_get_subject_name(ark));
    if (name == fmt::format("ARK-{}", product_name(platform.product)))
        return {};
    return fail(fmt::format("use {} for {}: its root is {}", directory,
                            product_name(platform.product), name),
                EEXIST);
}

} // namespace

std::string_view product_name(Product product) {
    return names_of(product).name;
}

std::optional<Product> product_by_name(std::string_view name) {
    const auto found = std::ranges::find(products, name, &ProductNames::word);
    if (found == products.end())
        return std::nullopt;
    return static_cast<Product>(found - products.begin());
}

Result<Authority> Authority::in(const std::string& directory, const Platform& platform) {
    const ossl::ErrorsForgotten errors;
    const auto state = State::in(directory);
    if (!state)
        return std::unexpected(state.error());
    const Files files = files_of(platform);
    if (!state->has("ark.pem")) {
        if (const auto filled = fill_root(*state, platform); !filled)
            return std::unexpected(filled.error());
    }
    const auto ark = state->certificate("ark.pem");
    if (!ark)
        return std::unexpected(ark.error());
    if (const auto same = check_product(ark->get(), platform, directory); !same)
        return std::unexpected(same.error());
    if (!state->has(files.key)) {
        if (const auto filled = fill_leaf(*state, platform); !filled)
            return std::unexpected(filled.error());
    }

    auto key = state->key(files.key);
    const auto leaf = state->certificate(files.leaf);
    const auto ask = state->certificate(files.ask);
    if (!key || !leaf || !ask)
        return std::unexpected(!key ? key.error() : !leaf ? leaf.error() : ask.error());
    Authority authority;
    authority.key_ = std::move(*key);
    authority.leaf_ = der_of(leaf->get());
    authority.ask_ = der_of(ask->get());
    authority.ark_ = der_of(ark->get());
    return authority;
}

} // namespace firmware
