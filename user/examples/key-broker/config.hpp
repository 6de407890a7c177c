// SPDX-License-Identifier: MIT
//
// The broker's configuration, a file of JSON:
//
//     {
//       "listen": ["tcp:127.0.0.1:7788"],    addresses as of address.hpp
//       "key": "broker.key",                 the broker's own: Ed25519, PEM, mode 0600
//       "log": "decisions.jsonl",
//       "secrets": [
//         {"name": "root", "policy": "root.json", "secret": "root.secret"}
//       ],
//       "refused": "refused.bin",            may be left out: where the last evidence is kept that
//                                            no policy was about, for tsm-broker --policy-from
//       "nonce_seconds": 60,                 from here on the defaults
//       "nonces": 65536,
//       "connections": 64,
//       "connection_seconds": 90,
//       "message_bytes": 1048576
//     }
//
// A file's name is relative to the configuration's directory. A secret is all bytes of its file,
// which only its owner may read; its policy is a file of <tsmfd/evidence/policy.hpp>. Other members
// are errors.
//
// Threads: functions of their arguments.
#pragma once

#include "address.hpp"
#include "binding.hpp"
#include "broker.hpp"
#include "server.hpp"

#include <tsmfd/result.hpp>

#include <string>
#include <vector>

namespace keybroker {

struct Config {
    std::vector<Address> listen;
    SigningKey key;
    std::string log;
    std::string refused; // empty: nowhere
    std::vector<Entry> entries;
    Nonces::Limits nonces;
    Server::Limits limits;
};

// EINVAL for what does not fit the above, with the path of the member; another errno for a file
// that cannot be had.
[[nodiscard]] tsmfd::Result<Config> read_config(const std::string& path);

} // namespace keybroker
