// SPDX-License-Identifier: MIT
//
// Any bytes as TDX collateral: two files, the first as long as the first two bytes say.
#include "check.hpp"

#include <tsmfd/evidence/qe_identity.hpp>
#include <tsmfd/evidence/tdx_collateral.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#include <openssl/err.h>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2)
        return 0;
    const tsmfd::ByteSpan rest(data + 2, size - 2);
    const std::size_t first = std::min<std::size_t>(data[0] | data[1] << 8, rest.size());
    const std::array<tsmfd::ByteSpan, 2> files = {rest.first(first), rest.subspan(first)};
    const auto both = tsmfd::TdxCollateral::parse(files);
    const auto one = tsmfd::TdxCollateral::parse(std::span(files).first(1));
    check(!both || one); // a file more mends nothing
    const std::string_view text(reinterpret_cast<const char*>(rest.data()), rest.size());
    if (const auto identity = tsmfd::QeIdentity::parse(text))
        check(!identity->whose.empty());
    check(ERR_peek_error() == 0);
    return 0;
}
