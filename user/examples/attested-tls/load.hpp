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
// Threads: one at a time; done() and failed() from any.
#pragma once

#include "caller.hpp"
#include "check.hpp"
#include "loop.hpp"

#include <atomic>
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
    unsigned threads = 1; // of LoadCrew, that the rest is split over
    std::vector<tsmfd::Format> formats{tsmfd::Format::plain};
    std::chrono::milliseconds timeout{100'000}; // of a connection
    bool plain = false;                         // the server gives no evidence
    Handshake handshake = {};
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
    std::uint64_t leaves = 0; // of their trees, all together
    std::uint64_t evidence_bytes = 0;
    std::string first_wrong;
    stress::Histogram latency{}; // from connect(2) to the evidence, ns

    void add(const LoadResult& other);
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
    // How it is getting on.
    [[nodiscard]] std::uint64_t done() const { return done_.load(std::memory_order_relaxed); }
    [[nodiscard]] std::uint64_t failed() const { return failed_.load(std::memory_order_relaxed); }

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
    std::atomic<std::uint64_t> done_ = 0;
    std::atomic<std::uint64_t> failed_ = 0;
};

} // namespace attested
