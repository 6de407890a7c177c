// SPDX-License-Identifier: MIT
//
// Reports made by hand, for tests to spoil.
//
//     Bytes report = emulated_report({.privlevel = 2, .serial = 7});
//     Bytes table = emulated_certs(report);
//     report[0x30] ^= 1;
//
// Independent of the library's parsers and of its layout constants: a wrong offset there must
// not be right here, too.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace evidence {

using Bytes = std::vector<std::uint8_t>;

inline Bytes read_data(const std::string& name) {
    std::ifstream file(std::string(TSMFD_TEST_DATA) + "/" + name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// A copy whose allocation ends where the bytes end, so that a sanitizer sees one byte too far.
inline Bytes exactly(std::span<const std::uint8_t> bytes) {
    return {bytes.begin(), bytes.end()};
}

inline void put(Bytes& to, std::size_t at, std::string_view text) {
    std::memcpy(to.data() + at, text.data(), text.size());
}

inline void put_le(Bytes& to, std::size_t at, std::uint64_t value, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i)
        to[at + i] = static_cast<std::uint8_t>(value >> (8 * i));
}

inline void append(Bytes& to, std::span<const std::uint8_t> bytes) {
    to.insert(to.end(), bytes.begin(), bytes.end());
}

inline void append_le32(Bytes& to, std::uint32_t value) {
    to.resize(to.size() + 4);
    put_le(to, to.size() - 4, value, 4);
}

inline void append_be(Bytes& to, std::uint64_t value, std::size_t size) {
    for (std::size_t i = size; i-- > 0;)
        to.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

// 64 bytes that count up from `first`.
inline Bytes nonce(std::uint8_t first, std::size_t size = 64) {
    Bytes bytes(size);
    for (std::size_t i = 0; i < size; ++i)
        bytes[i] = static_cast<std::uint8_t>(first + i);
    return bytes;
}

struct Emulated {
    Bytes inblob = nonce(1);
    std::uint32_t privlevel = 0;
    std::uint32_t format = 0;
    std::uint64_t serial = 1;
};

// struct tsmfd_emu_tag and 64 bytes of report data.
inline Bytes emulated_proof(const Emulated& of) {
    Bytes proof(96);
    put(proof, 0, "TEMU");
    put_le(proof, 4, of.format, 4);
    put_le(proof, 8, of.privlevel, 4);
    put_le(proof, 12, of.inblob.size(), 4);
    put_le(proof, 16, of.serial, 8);
    std::copy(of.inblob.begin(), of.inblob.end(), proof.begin() + 32);
    return proof;
}

inline Bytes emulated_report(const Emulated& of) {
    Bytes report(0x4a0);
    const Bytes proof = emulated_proof(of);
    put_le(report, 0x000, 2, 4);
    put_le(report, 0x030, of.privlevel, 4);
    std::copy(proof.begin() + 32, proof.end(), report.begin() + 0x050);
    std::copy(proof.begin(), proof.begin() + 32, report.begin() + 0x0c0);
    std::copy(proof.begin(), proof.end(), report.begin() + 0x440);
    return report;
}

struct TestCert {
    std::array<std::uint8_t, 16> guid;
    Bytes contents;
};

inline constexpr std::array<std::uint8_t, 16> vcek_guid = {
    0x63, 0xda, 0x75, 0x8d, 0xe6, 0x64, 0x45, 0x64, 0xad, 0xc5, 0xf4, 0xb9, 0x3b, 0xe8, 0xac, 0xcd};
inline constexpr std::array<std::uint8_t, 16> ark_guid = {
    0xc0, 0xb4, 0x06, 0xa4, 0xa8, 0x03, 0x49, 0x52, 0x97, 0x43, 0x3f, 0xb6, 0x01, 0x4c, 0xd0, 0xae};

inline Bytes cert_table(const std::vector<TestCert>& certs) {
    Bytes table;
    std::size_t offset = 24 * (certs.size() + 1);
    for (const TestCert& cert : certs) {
        append(table, cert.guid);
        append_le32(table, static_cast<std::uint32_t>(offset));
        append_le32(table, static_cast<std::uint32_t>(cert.contents.size()));
        offset += cert.contents.size();
    }
    table.resize(table.size() + 24);
    for (const TestCert& cert : certs)
        append(table, cert.contents);
    return table;
}

inline Bytes emulated_certs(const Emulated& of) {
    const Bytes proof = emulated_proof(of);
    return cert_table({{vcek_guid, proof}, {ark_guid, proof}});
}

// TPMS_PCR_SELECTION, `count` times: PCR 0 to 7 and 9 of the SHA-256 bank, in `select` bytes.
inline Bytes tpm_banks(std::size_t count, std::uint8_t select) {
    Bytes banks;
    for (std::size_t i = 0; i < count; ++i) {
        append_be(banks, 0x000b, 2);
        append_be(banks, select, 1);
        append_be(banks, 0xff02, 2);
        banks.resize(banks.size() + select - 2);
    }
    return banks;
}

// A TPMS_ATTEST of a quote.
inline Bytes tpm_attest(std::span<const std::uint8_t> extra_data, std::size_t banks = 1,
                        std::uint8_t select = 3) {
    Bytes attest;
    append_be(attest, 0xff544347, 4); // magic
    append_be(attest, 0x8018, 2);     // type
    append_be(attest, 34, 2);         // qualifiedSigner
    append(attest, nonce(0x80, 34));
    append_be(attest, extra_data.size(), 2);
    append(attest, extra_data);
    append_be(attest, 0x0102030405060708, 8); // clock
    append_be(attest, 11, 4);                 // resetCount
    append_be(attest, 12, 4);                 // restartCount
    append_be(attest, 1, 1);                  // safe
    append_be(attest, 0x2022051000000000, 8); // firmwareVersion
    append_be(attest, banks, 4);              // pcrSelect.count
    append(attest, tpm_banks(banks, select));
    append_be(attest, 32, 2); // pcrDigest
    append(attest, nonce(0xc0, 32));
    return attest;
}

inline Bytes tpm_report(const Bytes& attest, const Bytes& signature = nonce(0x20, 72),
                        const Bytes& key = nonce(0x40, 90)) {
    Bytes report(8);
    put(report, 0, "TSMFDTPM");
    append_le32(report, 1);
    append_le32(report, static_cast<std::uint32_t>(attest.size()));
    append_le32(report, static_cast<std::uint32_t>(signature.size()));
    append_le32(report, static_cast<std::uint32_t>(key.size()));
    append(report, attest);
    append(report, signature);
    append(report, key);
    return report;
}

// Without certificates.
inline Bytes tpm_aux(const Bytes& event_log, const Bytes& key = nonce(0x40, 90)) {
    Bytes aux(8);
    put(aux, 0, "TSMFDAUX");
    append_le32(aux, 1);
    append_le32(aux, static_cast<std::uint32_t>(key.size()));
    append_le32(aux, 0);
    append_le32(aux, 0);
    append_le32(aux, static_cast<std::uint32_t>(event_log.size()));
    append_le32(aux, 0);
    append(aux, key);
    append(aux, event_log);
    return aux;
}

} // namespace evidence
