// SPDX-License-Identifier: MIT
#include "evidence.hpp"

#include <tsmfd/evidence/tls_binding.hpp>
#include <tsmfd/hex.hpp>

#include <cerrno>

#include <gtest/gtest.h>

namespace {

using evidence::Bytes;
using evidence::nonce;

// By Python, from the layout in the header:
//
//     sha512(b'tsmfd-tls-bind-1' + pack('>I', 32) + bytes(range(32))
//            + pack('>I', 32) + bytes(range(100, 132)))
TEST(TlsBinding, IsWhatTheHeaderSays) {
    const auto inblob = tsmfd::tls_binding(nonce(0, 32), nonce(100, 32));
    ASSERT_TRUE(inblob);
    EXPECT_EQ(inblob->size, 64U);
    EXPECT_EQ(tsmfd::to_hex(inblob->bytes()),
              "7b56840971ccc395245ee3f67e9752b9ade24c0ade55ba955acfca61e25562e6"
              "fd0bb969ef19db6064b5cfad287fbee7a2deba0391de4f41d034bc75be84e932");
}

TEST(TlsBinding, DependsOnEveryBitOfBoth) {
    const auto base = tsmfd::tls_binding(nonce(0, 32), nonce(100, 32));
    for (std::size_t bit = 0; bit < 8 * 32UL; ++bit) {
        Bytes other_nonce = nonce(0, 32);
        Bytes other_exporter = nonce(100, 32);
        other_nonce[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
        other_exporter[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
        EXPECT_NE(tsmfd::tls_binding(other_nonce, nonce(100, 32)).value(), base.value());
        EXPECT_NE(tsmfd::tls_binding(nonce(0, 32), other_exporter).value(), base.value());
    }
}

// The same bytes in a row, parted elsewhere, are another binding.
TEST(TlsBinding, BindsTheNoncesLength) {
    const auto longer = tsmfd::tls_binding(nonce(0, 33), nonce(33, 32));
    const auto shorter = tsmfd::tls_binding(nonce(0, 32), nonce(32, 32));
    ASSERT_TRUE(longer && shorter);
    EXPECT_NE(*longer, *shorter);
}

TEST(TlsBinding, RefusesOtherLengths) {
    for (std::size_t size = 0; size <= 100; ++size) {
        const auto with_nonce = tsmfd::tls_binding(nonce(0, size), nonce(0, 32));
        EXPECT_EQ(with_nonce.has_value(), size >= 16 && size <= 64) << size;
        const auto with_exporter = tsmfd::tls_binding(nonce(0, 32), nonce(0, size));
        EXPECT_EQ(with_exporter.has_value(), size == 32) << size;
        if (!with_exporter) {
            EXPECT_EQ(with_exporter.error().code, EINVAL);
        }
    }
}

} // namespace
