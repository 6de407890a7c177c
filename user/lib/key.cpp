// SPDX-License-Identifier: MIT
#include <tsmfd/hex.hpp>
#include <tsmfd/key.hpp>
#include <tsmfd/names.hpp>

#include <algorithm>

#include <fmt/format.h>
#include <keyutils.h>

namespace tsmfd {

namespace {

constexpr std::size_t first_room = 32UL << 10;

static_assert(Key::thread_keyring == KEY_SPEC_THREAD_KEYRING);
static_assert(Key::process_keyring == KEY_SPEC_PROCESS_KEYRING);
static_assert(Key::session_keyring == KEY_SPEC_SESSION_KEYRING);
static_assert(Key::user_keyring == KEY_SPEC_USER_KEYRING);
static_assert(Key::user_session_keyring == KEY_SPEC_USER_SESSION_KEYRING);

} // namespace

std::string KeyOptions::text() const noexcept {
    std::string text = options.text();
    text.pop_back(); // the newline
    if (provider)
        text += " provider=" + device_name(*provider);
    return text;
}

std::string KeyOptions::auth_text() const noexcept {
    std::string text = "auth " + to_hex(options.inblob.bytes());
    if (options.privlevel)
        text += fmt::format(" privlevel={}", *options.privlevel);
    text += fmt::format(" format={}", format_name(options.format));
    if (provider)
        text += " provider=" + device_name(*provider);
    return text;
}

Result<void> Key::make_process_keyring() noexcept {
    if (::keyctl_get_keyring_ID(process_keyring, 1) < 0)
        return fail("make the process's keyring", errno);
    return {};
}

Result<Key> Key::add(const std::string& name, const KeyOptions& options,
                     std::int32_t keyring) noexcept {
    return add_text(name, options.text(), keyring);
}

Result<Key> Key::add_text(const std::string& name, const std::string& payload,
                          std::int32_t keyring) noexcept {
    const key_serial_t id = ::add_key("tsm", name.c_str(), payload.data(), payload.size(), keyring);
    if (id < 0)
        return fail(fmt::format("add key '{}' of type tsm to keyring {}", name, keyring), errno);
    return Key(name, id, keyring);
}

Key::~Key() {
    if (id_ != 0)
        (void)unlink();
}

Error Key::failed(const char* what) const {
    const int code = errno;
    return {fmt::format("{} key {} '{}'", what, id_, name_), code};
}

Result<void> Key::update(const KeyOptions& options) noexcept {
    return update_text(options.text());
}

Result<void> Key::update_text(const std::string& payload) noexcept {
    if (::keyctl_update(id_, payload.data(), payload.size()) < 0)
        return std::unexpected(failed("update"));
    return {};
}

Result<ByteSpan> Key::read(std::vector<std::uint8_t>& buffer) const noexcept {
    if (buffer.size() < first_room)
        buffer.resize(first_room);
    for (;;) {
        void* room = buffer.data();
        const long length = ::keyctl_read(id_, static_cast<char*>(room), buffer.size());
        if (length < 0)
            return std::unexpected(failed("read"));
        const auto needed = static_cast<std::size_t>(length);
        if (needed <= buffer.size())
            return ByteSpan(buffer).first(needed);
        buffer.resize(needed);
    }
}

Result<std::string> Key::describe() const noexcept {
    char* text = nullptr;
    if (::keyctl_describe_alloc(id_, &text) < 0)
        return std::unexpected(failed("describe"));
    std::string copy(text);
    ::free(text); // NOLINT(*-no-malloc): the library says so
    return copy;
}

Result<void> Key::expire_in(unsigned seconds) noexcept {
    if (::keyctl_set_timeout(id_, seconds) < 0)
        return std::unexpected(failed("set the timeout of"));
    return {};
}

Result<void> Key::revoke() noexcept {
    if (::keyctl_revoke(id_) < 0)
        return std::unexpected(failed("revoke"));
    return {};
}

Result<void> Key::unlink() noexcept {
    if (::keyctl_unlink(id_, keyring_) < 0)
        return std::unexpected(failed("unlink"));
    id_ = 0;
    return {};
}

} // namespace tsmfd
