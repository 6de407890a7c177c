// SPDX-License-Identifier: MIT
#include "pem_files.hpp"

#include "command.hpp"

#include <algorithm>
#include <iterator>
#include <memory>
#include <string_view>

#include <openssl/bio.h>
#include <openssl/pem.h>

namespace tsmctl {

namespace {

using Bytes = std::vector<std::uint8_t>;
using tsmfd::Result;

constexpr std::string_view pem_start = "-----BEGIN ";

bool has_pem(const Bytes& bytes) {
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return text.find(pem_start) != std::string_view::npos;
}

// What stands in DER, in PEM. It is looked at when it is used.
Result<Bytes> armoured(const Bytes& der, const char* name) {
    const std::unique_ptr<BIO, decltype(&BIO_free_all)> out(BIO_new(BIO_s_mem()), &BIO_free_all);
    if (!out || PEM_write_bio(out.get(), name, "", der.data(), static_cast<long>(der.size())) <= 0)
        return tsmfd::fail("write PEM", ENOMEM);
    char* text = nullptr;
    const long size = BIO_get_mem_data(out.get(), &text);
    return Bytes(text, text + size);
}

} // namespace

Result<Bytes> pem_of_files(const std::vector<std::string>& files, PemOf what) {
    Bytes all;
    for (const std::string& file : files) {
        auto bytes = read_in(file);
        if (!bytes)
            return bytes;
        if (files.size() == 1)
            return bytes;
        if (!has_pem(*bytes)) {
            bytes = armoured(*bytes, what == PemOf::crls ? PEM_STRING_X509_CRL : PEM_STRING_X509);
            if (!bytes)
                return bytes;
        }
        std::ranges::move(*bytes, std::back_inserter(all));
        all.push_back('\n');
    }
    return all;
}

} // namespace tsmctl
