// SPDX-License-Identifier: MIT
//
// A key of type tsm: options in the kernel's keyrings, and the report for them.
//
//     Result<Key> key = Key::add("my-report", {.options = options});
//     std::vector<std::uint8_t> buffer;
//     Result<ByteSpan> stream = key->read(buffer);  // outblob, auxblob, manifestblob
//     key->update({.options = others});             // replaces the options whole
//
// The first read has the report made, and those after it get the same one until the next update.
// A Key that goes takes its key off the keyring it was added to, unless it was released.
//
// Threads: read() by any number at once, each with its own buffer; all else by one at a time. A
// keyring of the process is its threads' together only if it was there before they were.
#pragma once

#include <tsmfd/bytes.hpp>
#include <tsmfd/export.hpp>
#include <tsmfd/options.hpp>
#include <tsmfd/result.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tsmfd {

struct TSMFD_API KeyOptions {
    Options options;
    std::optional<unsigned> provider{}; // N of /dev/tsmfdN; unset: the lowest there is

    // Options as /dev/tsmfdN takes them; such a key reads as the report's own bytes.
    [[nodiscard]] std::string text() const noexcept;
    // "auth HEX ...", the form of the series of 2023, which has no service_ options; such a key
    // reads as a line of text.
    [[nodiscard]] std::string auth_text() const noexcept;
};

class TSMFD_API Key {
public:
    // As keyutils.h has them, or any keyring's serial number.
    enum Keyring : std::int32_t {
        thread_keyring = -1,
        process_keyring = -2,
        session_keyring = -3,
        user_keyring = -4,
        user_session_keyring = -5,
    };

    // Makes the process's keyring, for the threads that are started afterwards to share.
    static Result<void> make_process_keyring() noexcept;

    // A key of that name on that keyring is updated instead. ENODEV: there is no such provider,
    // or the kernel has no keys of type tsm.
    static Result<Key> add(const std::string& name, const KeyOptions& options,
                           std::int32_t keyring = process_keyring) noexcept;
    // The same with a payload of one's own words.
    static Result<Key> add_text(const std::string& name, const std::string& payload,
                                std::int32_t keyring = process_keyring) noexcept;

    ~Key();
    Key(Key&& other) noexcept
        : name_(std::move(other.name_)), id_(std::exchange(other.id_, 0)),
          keyring_(other.keyring_) {}
    Key& operator=(Key&& other) noexcept {
        std::swap(name_, other.name_);
        std::swap(id_, other.id_);
        std::swap(keyring_, other.keyring_);
        return *this;
    }
    Key(const Key&) = delete;
    Key& operator=(const Key&) = delete;

    // The kernel's serial number of it.
    [[nodiscard]] std::int32_t id() const { return id_; }
    [[nodiscard]] const std::string& name() const { return name_; }

    Result<void> update(const KeyOptions& options) noexcept;
    Result<void> update_text(const std::string& payload) noexcept;
    // The span lies in `buffer`, which grows as needed.
    Result<ByteSpan> read(std::vector<std::uint8_t>& buffer) const noexcept;
    // "type;uid;gid;permissions;name"
    [[nodiscard]] Result<std::string> describe() const noexcept;
    Result<void> expire_in(unsigned seconds) noexcept;
    Result<void> revoke() noexcept;
    // Takes it off its keyring now, and says how that went.
    Result<void> unlink() noexcept;
    // Leaves the key where it is.
    std::int32_t release() { return std::exchange(id_, 0); }

private:
    Key(std::string name, std::int32_t id, std::int32_t keyring)
        : name_(std::move(name)), id_(id), keyring_(keyring) {}
    [[nodiscard]] Error failed(const char* what) const;

    std::string name_;
    std::int32_t id_; // 0: none
    std::int32_t keyring_;
};

} // namespace tsmfd
