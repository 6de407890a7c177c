// SPDX-License-Identifier: MIT
//
// Many clients of one server at once, from one thread; what they got is kept, and judged when
// nobody is timed any more.
//
//     Result<std::unique_ptr<Load>> load = Load::make(settings);
//     load->run();
//     load->verify(trust);
//     load->result()
//
// Threads: one; verify() has its own.
#pragma once

#include "caller.hpp"
#include "check.hpp"
#include "loop.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <histogram.hpp>

namespace attested {

struct LoadSettings {
    std::string address = "127.0.0.1:4433";
    std::optional<std::uint64_t> connections; // in all
    std::optional<double> seconds;            // how long to begin new ones
    unsigned concurrency = 64;
    std::vector<tsmfd::Format> formats{tsmfd::Format::plain};
    std::chrono::milliseconds timeout{100'000}; // of a connection
    bool plain = false;                         // the server gives no evidence
};

struct LoadResult {
    double seconds = 0;                          // from the start to the last that counts
    std::uint64_t done = 0;                      // connections that got their evidence
    std::uint64_t in_time = 0;                   // of these, before the time was up
    std::uint64_t timed_out = 0;                 // connections
    std::map<std::string, std::uint64_t> failed; // connections, by why; timed out ones too
    std::uint64_t verified = 0;
    std::uint64_t wrong = 0;
    std::uint64_t proofs = 0; // of batches
    double batch = 0;         // how many leaves a proof's tree has, on the average
    double evidence_bytes = 0;
    std::string first_wrong;
    stress::Histogram latency{}; // from connect(2) to the evidence, ns

    [[nodiscard]] double per_second() const;
    [[nodiscard]] std::uint64_t failures() const;
    // All of them got right evidence.
    [[nodiscard]] bool passed() const;
};

class Client;

class Load {
    struct Key {
        explicit Key() = default;
    };

public:
    Load(Key key, LoadSettings settings, Address address, SslContextPtr context, Loop loop);
    ~Load();

    static tsmfd::Result<std::unique_ptr<Load>> make(const LoadSettings& settings);

    tsmfd::Result<void> run();
    void verify(const Trust& trust);
    [[nodiscard]] const LoadResult& result() const { return result_; }

private:
    friend class Client;
    using Clock = std::chrono::steady_clock;

    [[nodiscard]] bool over() const;
    void begin(Client& client);
    void finished(Client& client);
    void failed(Client& client, const tsmfd::Error& error);
    void look_after_all();

    LoadSettings settings_;
    Address address_;
    SslContextPtr context_;
    Loop loop_;
    std::deque<Client> clients_;
    std::uint64_t begun_ = 0;
    std::size_t busy_ = 0;
    std::int64_t start_ns_ = 0;
    std::int64_t end_ns_ = 0; // 0: none
    std::vector<Session> kept_;
    LoadResult result_;
};

} // namespace attested
