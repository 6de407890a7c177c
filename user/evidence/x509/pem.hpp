// SPDX-License-Identifier: MIT
//
// The one reader of PEM (RFC 7468), and of DER where that may stand in its place. Not part of the
// library's interface.
//
//     auto lists = ossl::read_objects<CrlPtr, &PEM_read_bio_X509_CRL, &d2i_X509_CRL>(bytes, 16);
//     auto key = ossl::read_key<&PEM_read_bio_PUBKEY>(bytes);
//
// Who calls has an ErrorsForgotten: OpenSSL leaves errors where reading ends well, too.
//
// Threads: functions of their arguments.
#pragma once

#include "x509/openssl.hpp"

#include <tsmfd/bytes.hpp>

#include <cstdint>
#include <limits>
#include <string_view>
#include <utility>
#include <vector>

#include <openssl/pem.h>

namespace tsmfd::ossl {

inline constexpr std::string_view pem_start = "-----BEGIN ";

// Somewhere in it. What stands before it is for people.
[[nodiscard]] inline bool has_pem(ByteSpan bytes) {
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return text.find(pem_start) != std::string_view::npos;
}

// To read from; nothing for more bytes than OpenSSL counts, which would read beyond their end.
[[nodiscard]] inline BioPtr reader_of(ByteSpan bytes) {
    if (bytes.size() > std::size_t{std::numeric_limits<int>::max()})
        return nullptr;
    return BioPtr(BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size())));
}

// PEM, of one object or several with anything between them, or one object in DER with nothing
// behind it. Empty if there is none, if one of them is broken, or if there are more than `most`.
template <typename Pointer, auto read_pem, auto read_der>
[[nodiscard]] std::vector<Pointer> read_objects(ByteSpan bytes, std::size_t most) {
    std::vector<Pointer> objects;
    const BioPtr in = reader_of(bytes);
    if (!in || bytes.empty())
        return objects;
    if (!has_pem(bytes)) {
        const std::uint8_t* from = bytes.data();
        Pointer object(read_der(nullptr, &from, static_cast<long>(bytes.size())));
        if (object && from == bytes.data() + bytes.size())
            objects.push_back(std::move(object));
        return objects;
    }
    while (objects.size() <= most) {
        Pointer object(read_pem(in.get(), nullptr, &no_password, nullptr));
        if (!object)
            break;
        objects.push_back(std::move(object));
    }
    // What ends it well is that there is no further start.
    if (objects.size() > most || ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE)
        objects.clear();
    return objects;
}

// The first key in PEM, by PEM_read_bio_PUBKEY or PEM_read_bio_PrivateKey; nothing if there is
// none, or if it wants a password.
template <auto read_pem>
[[nodiscard]] PkeyPtr read_key(ByteSpan pem) {
    const BioPtr in = reader_of(pem);
    return PkeyPtr(in ? read_pem(in.get(), nullptr, &no_password, nullptr) : nullptr);
}

// What `write_pem` makes of an object; empty if memory is short.
template <auto write_pem>
[[nodiscard]] std::vector<std::uint8_t> written(auto* object) {
    const BioPtr out(BIO_new(BIO_s_mem()));
    if (!out || write_pem(out.get(), object) != 1)
        return {};
    char* text = nullptr;
    const long size = BIO_get_mem_data(out.get(), &text);
    return {text, text + size};
}

} // namespace tsmfd::ossl
