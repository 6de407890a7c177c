// SPDX-License-Identifier: MIT
#include "netlink_socket.hpp"

#include <cstdlib>
#include <cstring>

#include <fmt/format.h>
#include <linux/netlink.h>
#include <linux/tsmfd_netlink.h>
#include <netlink/errno.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <sys/socket.h>

namespace tsmfd {

namespace {

constexpr std::string_view family_words = "generic netlink family " TSMFD_FAMILY_NAME;

struct FreeMessage {
    void operator()(nl_msg* message) const { ::nlmsg_free(message); }
};
struct FreeCallbacks {
    void operator()(nl_cb* callbacks) const { ::nl_cb_put(callbacks); }
};
using Callbacks = std::unique_ptr<nl_cb, FreeCallbacks>;

// libnl has numbers of its own, and no way back.
int errno_of(int libnl_error) {
    switch (std::abs(libnl_error)) {
    case NLE_OBJ_NOTFOUND:
        return ENOENT;
    case NLE_NOMEM: // recvmsg() said ENOBUFS, too
        return ENOBUFS;
    case NLE_PERM:
        return EPERM;
    case NLE_NOACCESS:
        return EACCES;
    case NLE_AGAIN:
        return EAGAIN;
    case NLE_INTR:
        return EINTR;
    case NLE_INVAL:
        return EINVAL;
    case NLE_AF_NOSUPPORT:
        return EAFNOSUPPORT;
    default:
        return EPROTO;
    }
}

// What came of one question, for the callbacks.
struct Exchange {
    const NetlinkSocket::OnMessage& on_message;
    int family;
    bool ended = false;
    int error = 0;
    std::string words{};
};

int on_valid(nl_msg* message, void* argument) {
    auto& exchange = *static_cast<Exchange*>(argument);
    nlmsghdr* header = ::nlmsg_hdr(message);
    if (header->nlmsg_type != exchange.family || ::genlmsg_valid_hdr(header, 0) == 0)
        return NL_SKIP;
    const auto* generic = static_cast<const genlmsghdr*>(::nlmsg_data(header));
    exchange.on_message(NetlinkMessage(generic->cmd, ::genlmsg_attrdata(generic, 0),
                                       ::genlmsg_attrlen(generic, 0)));
    return NL_OK;
}

int on_end(nl_msg* /*message*/, void* argument) {
    static_cast<Exchange*>(argument)->ended = true;
    return NL_STOP;
}

// The attributes behind the error are what NETLINK_EXT_ACK asks for.
int on_error(sockaddr_nl* /*from*/, nlmsgerr* error, void* argument) {
    auto& exchange = *static_cast<Exchange*>(argument);
    exchange.error = -error->error;
    exchange.ended = true;

    void* bytes = error;
    auto* header = static_cast<nlmsghdr*>(
        static_cast<void*>(static_cast<std::uint8_t*>(bytes) - NLMSG_HDRLEN));
    if ((header->nlmsg_flags & NLM_F_ACK_TLVS) == 0)
        return NL_STOP;
    std::size_t skip = sizeof(*error);
    if ((header->nlmsg_flags & NLM_F_CAPPED) == 0)
        skip += error->msg.nlmsg_len - sizeof(error->msg);
    const auto length = static_cast<std::size_t>(::nlmsg_datalen(header));
    if (skip > length)
        return NL_STOP;
    void* from = static_cast<std::uint8_t*>(bytes) + skip;
    const nlattr* words = ::nla_find(static_cast<const nlattr*>(from),
                                     static_cast<int>(length - skip), NLMSGERR_ATTR_MSG);
    if (words != nullptr)
        exchange.words.assign(static_cast<const char*>(::nla_data(words)),
                              ::strnlen(static_cast<const char*>(::nla_data(words)),
                                        static_cast<std::size_t>(::nla_len(words))));
    return NL_STOP;
}

Callbacks make_callbacks(Exchange& exchange) {
    Callbacks callbacks(::nl_cb_alloc(NL_CB_DEFAULT));
    if (!callbacks)
        return callbacks;
    ::nl_cb_set(callbacks.get(), NL_CB_VALID, NL_CB_CUSTOM, on_valid, &exchange);
    ::nl_cb_set(callbacks.get(), NL_CB_FINISH, NL_CB_CUSTOM, on_end, &exchange);
    ::nl_cb_set(callbacks.get(), NL_CB_ACK, NL_CB_CUSTOM, on_end, &exchange);
    ::nl_cb_err(callbacks.get(), NL_CB_CUSTOM, on_error, &exchange);
    return callbacks;
}

} // namespace

void NetlinkSocket::Free::operator()(nl_sock* socket) const {
    ::nl_socket_free(socket);
}

Result<std::unique_ptr<NetlinkSocket>> NetlinkSocket::open() {
    const std::string what(family_words);
    std::unique_ptr<nl_sock, Free> socket(::nl_socket_alloc());
    if (!socket)
        return fail(what, ENOMEM);
    if (const int rc = ::genl_connect(socket.get()); rc < 0)
        return fail("open a socket for " + what, errno_of(rc));

    std::unique_ptr<NetlinkSocket> open(new NetlinkSocket(std::move(socket)));
    const int family = ::genl_ctrl_resolve(open->socket_.get(), TSMFD_FAMILY_NAME);
    if (family < 0)
        return fail(what, errno_of(family));
    open->family_ = family;

    // Words for a refusal; without them only its errno is known.
    const int yes = 1;
    (void)::setsockopt(open->fd(), SOL_NETLINK, NETLINK_EXT_ACK, &yes, sizeof(yes));
    (void)::setsockopt(open->fd(), SOL_NETLINK, NETLINK_CAP_ACK, &yes, sizeof(yes));
    return open;
}

int NetlinkSocket::fd() const {
    return ::nl_socket_get_fd(socket_.get());
}

Result<void> NetlinkSocket::call(const std::string& what, std::uint8_t command, int flags,
                                 Attributes attributes, const OnMessage& on_message) {
    const std::unique_ptr<nl_msg, FreeMessage> message(::nlmsg_alloc());
    Exchange exchange{.on_message = on_message, .family = family_};
    const Callbacks callbacks = make_callbacks(exchange);
    if (!message || !callbacks)
        return fail(what, ENOMEM);

    bool built = ::genlmsg_put(message.get(), NL_AUTO_PORT, NL_AUTO_SEQ, family_, 0, flags, command,
                               TSMFD_FAMILY_VERSION) != nullptr;
    for (const auto& [attribute, value] : attributes)
        built = built && ::nla_put_u32(message.get(), attribute, value) == 0;
    if (!built)
        return fail(what, EMSGSIZE);
    // An ACK, too, where there is no end of a dump: it tells that all has come.
    if (const int rc = ::nl_send_auto(socket_.get(), message.get()); rc < 0)
        return fail(what, errno_of(rc));

    while (!exchange.ended) {
        const int rc = ::nl_recvmsgs(socket_.get(), callbacks.get());
        if (rc < 0 && !exchange.ended)
            return fail(what, errno_of(rc));
    }
    if (exchange.error != 0)
        return fail(exchange.words.empty() ? what : what + ": " + exchange.words, exchange.error);
    return {};
}

Result<void> NetlinkSocket::subscribe() {
    const int group = ::genl_ctrl_resolve_grp(socket_.get(), TSMFD_FAMILY_NAME, TSMFD_MCGRP_EVENTS);
    if (group < 0)
        return fail(fmt::format("multicast group {} of {}", TSMFD_MCGRP_EVENTS, family_words),
                    errno_of(group));
    ::nl_socket_disable_seq_check(socket_.get());
    int rc = ::nl_socket_add_membership(socket_.get(), group);
    if (rc == 0)
        rc = ::nl_socket_set_nonblocking(socket_.get());
    if (rc < 0)
        return fail(fmt::format("join {} of {}{}", TSMFD_MCGRP_EVENTS, family_words,
                                rc == -NLE_PERM ? ", which takes CAP_NET_ADMIN" : ""),
                    errno_of(rc));
    return {};
}

Result<void> NetlinkSocket::receive(const OnMessage& on_message) {
    Exchange exchange{.on_message = on_message, .family = family_};
    const Callbacks callbacks = make_callbacks(exchange);
    if (!callbacks)
        return fail("receive events", ENOMEM);
    // Events have the sequence number 0.
    ::nl_cb_set(
        callbacks.get(), NL_CB_SEQ_CHECK, NL_CB_CUSTOM, [](nl_msg*, void*) -> int { return NL_OK; },
        nullptr);
    if (const int rc = ::nl_recvmsgs(socket_.get(), callbacks.get()); rc < 0)
        return fail("receive events", errno_of(rc));
    return {};
}

} // namespace tsmfd
