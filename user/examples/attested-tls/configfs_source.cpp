// SPDX-License-Identifier: MIT
//
// configfs-tsm has no way to ask without waiting, so that a server of many clients has a thread
// for each that may wait; and an item for each thread, kept, which is the quickest that there is.
#include "source.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <stop_token>
#include <thread>
#include <utility>
#include <vector>

#include <configfs_item.hpp>
#include <files.hpp>
#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

namespace attested {

namespace {

using stress::Item;
using tsmfd::Format;
using tsmfd::Result;

struct Request {
    Ticket ticket = 0;
    tsmfd::Inblob inblob;
    Format format = Format::plain;
};

class ConfigfsSource final : public Source, public Handler {
public:
    ConfigfsSource(std::vector<Item> items, tsmfd::UniqueFd event, std::string provider)
        : items_(std::move(items)), event_(std::move(event)), provider_(std::move(provider)) {}

    Result<void> begin(Loop& loop, Deliver deliver) override {
        deliver_ = std::move(deliver);
        for (const Item& item : items_)
            threads_.emplace_back(
                [this, &item](const std::stop_token& stop) { serve(stop, item); });
        return loop.add(event_.get(), EPOLLIN | EPOLLET, *this);
    }

    void ask(Ticket ticket, const tsmfd::Inblob& inblob, std::span<const Format> formats) override {
        const std::scoped_lock hold(lock_);
        waiting_.push_back({.ticket = ticket, .inblob = inblob, .format = formats.front()});
        changed_.notify_one();
    }

    // What a thread has begun cannot be taken back; its answer is for nobody.
    void forget(Ticket ticket) override {
        const std::scoped_lock hold(lock_);
        std::erase_if(waiting_, [ticket](const Request& r) { return r.ticket == ticket; });
    }

    [[nodiscard]] std::string name() const override {
        return fmt::format("{} by configfs, {} threads", provider_, items_.size());
    }

    void ready(std::uint32_t /*events*/) override {
        std::uint64_t count = 0;
        (void)!::read(event_.get(), &count, sizeof(count));
        std::vector<std::pair<Ticket, Answer>> done;
        {
            const std::scoped_lock hold(lock_);
            done.swap(done_);
        }
        for (auto& [ticket, answer] : done)
            deliver_(ticket, std::move(answer));
    }

private:
    void serve(const std::stop_token& stop, const Item& item) {
        std::vector<std::uint8_t> out;
        std::vector<std::uint8_t> aux;
        std::unique_lock hold(lock_);
        while (changed_.wait(hold, stop, [this] { return !waiting_.empty(); })) {
            const Request request = waiting_.front();
            waiting_.pop_front();
            hold.unlock();
            Answer answer = report(item, request, out, aux);
            hold.lock();
            done_.emplace_back(request.ticket, std::move(answer));
            const std::uint64_t one = 1;
            (void)!::write(event_.get(), &one, sizeof(one));
        }
    }

    // The item is this thread's alone, so outblob and auxblob are of one report.
    [[nodiscard]] Answer report(const Item& item, const Request& request,
                                std::vector<std::uint8_t>& out,
                                std::vector<std::uint8_t>& aux) const {
        const tsmfd::ByteSpan inblob = request.inblob.bytes();
        if (const auto set = files::write_file(item.file("inblob"), inblob.data(), inblob.size());
            !set)
            return std::unexpected(set.error());
        const auto blobs = stress::read_blobs(item, request.format, out, aux);
        if (!blobs)
            return std::unexpected(blobs.error());
        return encode(EvidenceMessage{.format = request.format,
                                      .provider = provider_,
                                      .outblob = blobs->outblob,
                                      .auxblob = blobs->auxblob});
    }

    std::vector<Item> items_;
    tsmfd::UniqueFd event_; // of done_
    std::string provider_;
    Deliver deliver_;

    std::mutex lock_; // of the next three
    std::condition_variable_any changed_;
    std::deque<Request> waiting_;
    std::vector<std::pair<Ticket, Answer>> done_;

    std::vector<std::jthread> threads_; // the last: they end before the rest goes
};

} // namespace

Result<std::unique_ptr<Source>> make_configfs_source(const SourceSettings& settings) {
    std::vector<Item> items;
    for (unsigned number = 0; number < settings.threads; ++number) {
        auto item = Item::make(fmt::format("attested-{}-{}", ::getpid(), number));
        if (!item)
            return std::unexpected(item.error());
        items.push_back(std::move(*item));
    }
    auto provider = files::read_line(items.front().file("provider"));
    if (!provider)
        return std::unexpected(provider.error());
    tsmfd::UniqueFd event(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!event)
        return tsmfd::fail("eventfd", errno);
    return std::make_unique<ConfigfsSource>(std::move(items), std::move(event),
                                            std::move(*provider));
}

} // namespace attested
