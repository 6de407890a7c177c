// SPDX-License-Identifier: MIT
#include "address.hpp"

#include <array>
#include <charconv>
#include <cstring>
#include <memory>

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/vm_sockets.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

namespace keybroker {

namespace {

using tsmfd::fail;
using tsmfd::Result;
using tsmfd::UniqueFd;

constexpr int backlog = 128;

// A socket's address of any family.
struct SocketAddress {
    sockaddr_storage storage{};
    socklen_t size = sizeof(sockaddr_storage);

    // The interface of sockets takes every family's address for this one.
    // NOLINTBEGIN(cppcoreguidelines-pro-type-reinterpret-cast)
    sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
    template <typename T>
    T& as() {
        size = sizeof(T);
        return *reinterpret_cast<T*>(&storage);
    }
    // NOLINTEND(cppcoreguidelines-pro-type-reinterpret-cast)
};

Result<std::uint32_t> number(std::string_view text) {
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size())
        return fail(fmt::format("read '{}' as a number", text), EINVAL);
    return value;
}

Result<SocketAddress> tcp_address(const Address& address) {
    addrinfo hints{};
    hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (::getaddrinfo(address.where.c_str(), address.port.c_str(), &hints, &found) != 0)
        return fail(address.name() + ": an address in numbers is needed", EINVAL);
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);
    SocketAddress made;
    std::memcpy(&made.storage, found->ai_addr, found->ai_addrlen);
    made.size = found->ai_addrlen;
    return made;
}

Result<SocketAddress> unix_address(const Address& address) {
    SocketAddress made;
    auto& to = made.as<sockaddr_un>();
    if (address.where.size() >= sizeof(to.sun_path))
        return fail(address.name(), ENAMETOOLONG);
    to.sun_family = AF_UNIX;
    std::memcpy(to.sun_path, address.where.data(), address.where.size());
    return made;
}

Result<SocketAddress> vsock_address(const Address& address) {
    const auto cid = number(address.where);
    const auto port = number(address.port);
    if (!cid || !port)
        return fail(address.name(), EINVAL);
    SocketAddress made;
    auto& to = made.as<sockaddr_vm>();
    to.svm_family = AF_VSOCK;
    to.svm_cid = *cid;
    to.svm_port = *port;
    return made;
}

Result<SocketAddress> socket_address(const Address& address) {
    switch (address.kind) {
    case Address::Kind::tcp:
        return tcp_address(address);
    case Address::Kind::unix:
        return unix_address(address);
    case Address::Kind::vsock:
        return vsock_address(address);
    case Address::Kind::file:
        break;
    }
    return fail(address.name() + " is no socket", EINVAL);
}

Result<UniqueFd> socket_for(const SocketAddress& to) {
    UniqueFd socket(::socket(to.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!socket)
        return fail("make a socket", errno);
    return socket;
}

// A socket, and where it is to be bound or connected to.
struct Prepared {
    SocketAddress to;
    UniqueFd socket;
};

Result<Prepared> prepare(const Address& address) {
    const auto to = socket_address(address);
    if (!to)
        return std::unexpected(to.error());
    auto socket = socket_for(*to);
    if (!socket)
        return std::unexpected(socket.error());
    return Prepared{.to = *to, .socket = std::move(*socket)};
}

std::string name_of(SocketAddress address) {
    if (address.storage.ss_family == AF_UNIX)
        return "unix";
    if (address.storage.ss_family == AF_VSOCK) {
        const auto& vsock = address.as<sockaddr_vm>();
        return fmt::format("vsock:{}:{}", vsock.svm_cid, vsock.svm_port);
    }
    std::array<char, NI_MAXHOST> host{};
    std::array<char, NI_MAXSERV> port{};
    if (::getnameinfo(address.get(), address.size, host.data(), host.size(), port.data(),
                      port.size(), NI_NUMERICHOST | NI_NUMERICSERV) != 0)
        return "unknown";
    return Address{.kind = Address::Kind::tcp, .where = host.data(), .port = port.data()}.name();
}

// A socket of a broker that is gone; one that answers is left alone.
void remove_stale(SocketAddress address, const std::string& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0 || !S_ISSOCK(status.st_mode))
        return;
    const auto probe = socket_for(address);
    if (probe && ::connect(probe->get(), address.get(), address.size) != 0 && errno == ECONNREFUSED)
        ::unlink(path.c_str());
}

// A terminal shall pass on every byte as it is.
void make_raw(int file) {
    termios settings{};
    if (::tcgetattr(file, &settings) != 0)
        return;
    ::cfmakeraw(&settings);
    ::tcsetattr(file, TCSANOW, &settings);
}

} // namespace

Result<Address> Address::parse(std::string_view text) {
    const auto wrong = [text] { return fail(fmt::format("'{}' is no address", text), EINVAL); };
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos)
        return wrong();
    const std::string_view kind = text.substr(0, colon);
    std::string_view rest = text.substr(colon + 1);
    if (rest.empty())
        return wrong();
    if (kind == "unix")
        return Address{.kind = Kind::unix, .where = std::string(rest), .port = {}};
    if (kind == "file")
        return Address{.kind = Kind::file, .where = std::string(rest), .port = {}};
    if (kind != "tcp" && kind != "vsock")
        return wrong();
    const std::size_t last = rest.rfind(':');
    if (last == std::string_view::npos || last == 0 || last + 1 == rest.size())
        return wrong();
    std::string_view host = rest.substr(0, last);
    if (host.starts_with('[') && host.ends_with(']'))
        host = host.substr(1, host.size() - 2);
    return Address{.kind = kind == "tcp" ? Kind::tcp : Kind::vsock,
                   .where = std::string(host),
                   .port = std::string(rest.substr(last + 1))};
}

std::string Address::name() const {
    switch (kind) {
    case Kind::tcp:
        return where.find(':') == std::string::npos ? fmt::format("tcp:{}:{}", where, port)
                                                    : fmt::format("tcp:[{}]:{}", where, port);
    case Kind::unix:
        return "unix:" + where;
    case Kind::vsock:
        return fmt::format("vsock:{}:{}", where, port);
    case Kind::file:
        break;
    }
    return "file:" + where;
}

Result<UniqueFd> listen_at(const Address& address) {
    auto prepared = prepare(address);
    if (!prepared)
        return std::unexpected(prepared.error());
    SocketAddress& to = prepared->to;
    const int socket = prepared->socket.get();
    const int on = 1;
    if (address.kind == Address::Kind::tcp)
        ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (address.kind == Address::Kind::unix)
        remove_stale(to, address.where);
    if (::bind(socket, to.get(), to.size) != 0 || ::listen(socket, backlog) != 0)
        return fail("listen at " + address.name(), errno);
    return std::move(prepared->socket);
}

Result<UniqueFd> connect_to(const Address& address, std::chrono::milliseconds patience) {
    if (address.kind == Address::Kind::file) {
        UniqueFd file(::open(address.where.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
        if (!file)
            return fail("open " + address.where, errno);
        make_raw(file.get());
        return file;
    }
    auto prepared = prepare(address);
    if (!prepared)
        return std::unexpected(prepared.error());
    SocketAddress& to = prepared->to;
    const int socket = prepared->socket.get();
    if (::connect(socket, to.get(), to.size) == 0)
        return std::move(prepared->socket);
    if (errno != EINPROGRESS)
        return fail("connect to " + address.name(), errno);
    pollfd waiting{.fd = socket, .events = POLLOUT, .revents = 0};
    const int ready = ::poll(&waiting, 1, static_cast<int>(patience.count()));
    int error = ready == 0 ? ETIMEDOUT : errno;
    socklen_t size = sizeof(error);
    if (ready > 0)
        ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size);
    if (ready <= 0 || error != 0)
        return fail("connect to " + address.name(), error);
    return std::move(prepared->socket);
}

std::string local_name(int socket) {
    SocketAddress address;
    if (::getsockname(socket, address.get(), &address.size) != 0)
        return "unknown";
    return name_of(address);
}

std::string peer_name(int socket) {
    SocketAddress address;
    if (::getpeername(socket, address.get(), &address.size) != 0)
        return "unknown";
    return name_of(address);
}

} // namespace keybroker
