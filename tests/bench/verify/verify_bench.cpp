// SPDX-License-Identifier: MIT
//
// Reports verified a second, with a chain of certificates that is known and with one that is not,
// beside what there is no way around: OpenSSL's check of one signature of P-384 over as many bytes.
//
// items_per_second of SnpWarm is to be 0.9 of BareP384's at least.
#include "evidence.hpp"
#include "golden_folder.hpp"
#include "x509/openssl.hpp"
#include "x509/x509.hpp"

#include <tsmfd/evidence/policy.hpp>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

#include <benchmark/benchmark.h>

namespace {

using evidence::Bytes;
using tsmfd::ChainCache;
using tsmfd::Policy;
namespace ossl = tsmfd::ossl;

constexpr std::int64_t in_2024 = 1'704'067'200;
constexpr std::size_t signed_size = 0x2a0;

void require(bool holds, const char* what) {
    if (!holds) {
        (void)std::fprintf(stderr, "verify-bench: %s\n", what);
        std::exit(1);
    }
}

Bytes read(const std::string& name) {
    std::ifstream file(golden::path(name), std::ios::binary);
    require(file.good(), "no file of golden data: is TSMFD_GOLDEN its folder?");
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// Real evidence, and a policy that has something to say of each part of it.
struct Real {
    Bytes report = read("snp-milan/report.bin");
    Bytes quote = read("tdx-spr/quote_v4.bin");
    Bytes vcek = read("snp-milan/vcek.der");
    Policy policy = Policy::parse(R"({
        "snp": {"roots": ["snp-milan/ask_ark_milan.pem"], "debug": true, "vmpl_max": 0,
                "any_measurement": true,
                "certificates": ["snp-milan/vcek.der", "snp-milan/ask_ark_milan.pem"],
                "minimum_tcb": {"boot_loader": 2}},
        "tdx": {"roots": ["tdx-live/tcb_signing_chain.pem"], "any_measurement": true}})",
                                  golden::folder())
                        .value();

    [[nodiscard]] tsmfd::Evidence snp() const { return {.outblob = report, .auxblob = {}}; }
    [[nodiscard]] tsmfd::Evidence tdx() const { return {.outblob = quote, .auxblob = {}}; }
};

const Real& real() {
    static const Real made;
    return made;
}

// The report's signature, in DER.
Bytes der_signature(const Bytes& report) {
    const auto number = [&report](std::size_t at) {
        return BN_lebin2bn(report.data() + at, 72, nullptr);
    };
    const ossl::SignaturePtr signature(ECDSA_SIG_new());
    require(ECDSA_SIG_set0(signature.get(), number(0x2a0), number(0x2e8)) == 1, "no signature");
    Bytes der(static_cast<std::size_t>(i2d_ECDSA_SIG(signature.get(), nullptr)));
    std::uint8_t* to = der.data();
    (void)i2d_ECDSA_SIG(signature.get(), &to);
    return der;
}

void BareP384(benchmark::State& state) {
    const auto vcek = ossl::read_certificates(real().vcek).value();
    EVP_PKEY* key = X509_get0_pubkey(vcek.front().get());
    const Bytes der = der_signature(real().report);
    std::array<std::uint8_t, 48> digest{};
    require(EVP_Digest(real().report.data(), signed_size, digest.data(), nullptr, EVP_sha384(),
                       nullptr) == 1,
            "no digest");
    const ossl::PkeyContextPtr context(EVP_PKEY_CTX_new(key, nullptr));
    require(EVP_PKEY_verify_init(context.get()) == 1, "no verification");
    for (auto _ : state)
        require(EVP_PKEY_verify(context.get(), der.data(), der.size(), digest.data(),
                                digest.size()) == 1,
                "OpenSSL refuses the signature");
    state.SetItemsProcessed(state.iterations());
}

void verify(benchmark::State& state, const tsmfd::Evidence& evidence, ChainCache* chains) {
    for (auto _ : state)
        require(real().policy.verify(evidence, tsmfd::Question().at(in_2024).chains(chains)).ok(),
                "the report does not hold");
    state.SetItemsProcessed(state.iterations());
}

void SnpWarm(benchmark::State& state) {
    static ChainCache chains; // of all threads
    verify(state, real().snp(), &chains);
}

void SnpCold(benchmark::State& state) {
    verify(state, real().snp(), nullptr);
}

void TdxWarm(benchmark::State& state) {
    static ChainCache chains;
    verify(state, real().tdx(), &chains);
}

void TdxCold(benchmark::State& state) {
    verify(state, real().tdx(), nullptr);
}

BENCHMARK(BareP384)->UseRealTime();
BENCHMARK(SnpWarm)->UseRealTime();
BENCHMARK(SnpCold)->UseRealTime();
BENCHMARK(TdxWarm)->UseRealTime();
BENCHMARK(TdxCold)->UseRealTime();
BENCHMARK(SnpWarm)->UseRealTime()->ThreadRange(2, 2);

} // namespace

BENCHMARK_MAIN();
