// SPDX-License-Identifier: MIT
//
// Readers of one open file share its stream: each byte of a report goes to one of them, whole
// pieces in the order of the report, whatever their number and their room.
#include "firmware.hpp"
#include "support/outcome.hpp"
#include "support/tasks.hpp"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <mutex>
#include <numeric>
#include <vector>

#include <gtest/gtest.h>
#include <sys/uio.h>

namespace {

using namespace guest;

constexpr std::uint32_t words_max = 16 * 1024;
constexpr std::size_t word = sizeof(std::uint32_t);

// 0, 1, 2, ... so that each piece says where it is from.
Bytes counted(std::uint32_t words) {
    std::vector<std::uint32_t> numbers(words);
    std::iota(numbers.begin(), numbers.end(), 0U);
    Bytes bytes(words * word);
    std::memcpy(bytes.data(), numbers.data(), bytes.size());
    return bytes;
}

class SharedStream : public testing::Test {
protected:
    // What `readers` threads got between them, each piece of whole words and each of them counted
    // on without a gap.
    std::vector<std::uint32_t> read_by(unsigned readers, const std::function<Bytes()>& read_some) {
        std::mutex lock;
        std::vector<std::uint32_t> all;
        in_parallel(readers, [&](unsigned) {
            std::vector<std::uint32_t> mine;
            for (;;) {
                const Bytes got = read_some();
                if (got.empty() || HasFailure()) // one is enough to tell
                    break;
                ASSERT_EQ(got.size() % word, 0U);
                std::vector<std::uint32_t> numbers(got.size() / word);
                std::memcpy(numbers.data(), got.data(), got.size());
                for (std::size_t i = 1; i < numbers.size(); ++i)
                    EXPECT_EQ(numbers[i], numbers[0] + i) << "a torn piece";
                if (!mine.empty()) {
                    EXPECT_GT(numbers[0], mine.back()) << "backwards";
                }
                mine.insert(mine.end(), numbers.begin(), numbers.end());
            }
            const std::scoped_lock guard(lock);
            all.insert(all.end(), mine.begin(), mine.end());
        });
        std::ranges::sort(all);
        return all;
    }

    void expect_each_once(const std::vector<std::uint32_t>& all) const {
        ASSERT_EQ(all.size(), words_) << "words in all";
        for (std::uint32_t i = 0; i < words_; ++i)
            ASSERT_EQ(all[i], i);
    }

    [[nodiscard]] Bytes read_some(std::size_t room) const {
        Bytes piece(room);
        const Outcome got = get(fd_.get(), piece);
        EXPECT_TRUE(got.ok()) << got;
        piece.resize(got.ok() ? static_cast<std::size_t>(got.value) : 0);
        return piece;
    }

    std::atomic<std::uint32_t> words_ = words_max; // of the reports to come
    Firmware firmware_{{.name = "counted", .outblob_max = words_max * word},
                       [this](const tsmfd::ProxyRequest&) { return counted(words_); }};
    UniqueFd fd_ = open_device(firmware_.index());
};

TEST_F(SharedStream, IsReadByManyThreadsWithoutALossOrARepetition) {
    for (const std::size_t room : {word, 7 * word, 64 * word}) {
        set(fd_.get(), ask());
        expect_each_once(read_by(4, [&] { return read_some(room); }));
    }
}

// Most reads of a short one are at its end, where a reader must not have another one made.
TEST_F(SharedStream, EndsForAllItsReadersAndIsNotBegunAnew) {
    constexpr unsigned rounds = 500;
    words_ = 4;
    for (unsigned round = 0; round < rounds && !HasFailure(); ++round) {
        set(fd_.get(), ask());
        expect_each_once(read_by(4, [&] { return read_some(word); }));
    }
    EXPECT_EQ(firmware_.requests(), rounds);
}

TEST_F(SharedStream, IsReadIntoSeveralBuffersAtOnceWithoutALossOrARepetition) {
    set(fd_.get(), ask());
    expect_each_once(read_by(4, [&] {
        Bytes piece(12 * word);
        const iovec parts[] = {{piece.data(), 4 * word}, {piece.data() + 4 * word, 8 * word}};
        const Outcome got = outcome_of(::readv(fd_.get(), parts, 2));
        EXPECT_TRUE(got.ok()) << got;
        piece.resize(got.ok() ? static_cast<std::size_t>(got.value) : 0);
        return piece;
    }));
}

} // namespace
