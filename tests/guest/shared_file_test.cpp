// SPDX-License-Identifier: MIT
//
// One open file of /dev/tsmfdN shared by dup(2), fork(2) and threads: a read serves one report, and
// no byte of it is served twice.
//
// The writers' options follow from their inblob, so that each report shows by itself whether its
// parts belong together.
#include "support/test.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <thread>
#include <utility>

#include <unistd.h>

namespace guest {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::seconds limit{60};

class SharedFile : public GuestTest {
protected:
    SharedFile() : fd_(open_device(plain)) {}

    UniqueFd fd_;
};

// privlevel and format as the inblob's first byte has them.
Options self_evident(Format format_if_any) {
    Options options = ask();
    const std::uint8_t first = options.inblob.padded[0];
    options.privlevel = first >> 1 & 3;
    options.format = first & 8 ? format_if_any : Format::plain;
    return options;
}

// What a report was asked with, if it is one for self-evident options.
Options options_of(ByteSpan report, Format format_if_any) {
    Options options;
    const ByteSpan data = report.subspan(0x50, TSMFD_INBLOB_MAX);
    options.inblob = tsmfd::Inblob::from(data).value();
    options.privlevel = data[0] >> 1 & 3;
    options.format = data[0] & 8 ? format_if_any : Format::plain;
    return options;
}

TEST_F(SharedFile, ByDupSharesOptionsAndStream) {
    const UniqueFd twin(::dup(fd_.get()));
    const Options asked = ask(2, Format::extended);
    set(twin.get(), asked);
    Bytes report(600);
    ASSERT_EQ(get(fd_.get(), report), gives(600));
    const Bytes rest = read_to_end(twin.get());
    report.insert(report.end(), rest.begin(), rest.end());
    EXPECT_TRUE(answers(asked, report));
}

TEST_F(SharedFile, ByDupOutlivesTheFirstDescriptor) {
    const UniqueFd twin(::dup(fd_.get()));
    const Options asked = ask(2);
    set(fd_.get(), asked);
    fd_.reset();
    EXPECT_TRUE(answers(asked, read_to_end(twin.get())));
}

TEST_F(SharedFile, ByForkSharesOptionsAndStream) {
    const Options asked = ask(1, Format::extended);
    std::array<int, 2> ends{};
    ASSERT_EQ(::pipe(ends.data()), 0);
    const UniqueFd from_child(ends[0]);
    const UniqueFd to_parent(ends[1]);
    Child child([&] {
        set(fd_.get(), asked);
        Bytes start(600);
        return get(fd_.get(), start) == gives(600) &&
                       outcome_of(::write(to_parent.get(), start.data(), 600)) == gives(600)
                   ? 0
                   : 1;
    });
    ASSERT_EQ(child.status(), 0);
    Bytes report(600);
    ASSERT_EQ(get(from_child.get(), report), gives(600));
    const Bytes rest = read_to_end(fd_.get());
    report.insert(report.end(), rest.begin(), rest.end());
    EXPECT_TRUE(answers(asked, report));
}

TEST_F(SharedFile, AReadThatBeganBeforeAWriteGivesTheReportItBeganWith) {
    Hang hang(plain);
    const Options before = ask(1, Format::extended);
    set(fd_.get(), before);
    Bytes report(stream_size(before));
    Caller reader([&] { return get(fd_.get(), report); });
    ASSERT_TRUE(reader.blocks());

    const Options after = ask(2);
    set(fd_.get(), after);
    hang.end();
    ASSERT_EQ(reader.result(), gives(report.size()));
    EXPECT_TRUE(answers(before, report));
    EXPECT_TRUE(answers(after, read_to_end(fd_.get())))
        << "the older read has taken bytes of the newer report";
}

TEST_F(SharedFile, SeveralReadersThatWaitMakeOneFirmwareCall) {
    Hang hang(plain);
    const Options asked = ask(1);
    set(fd_.get(), asked);
    const std::uint64_t before = counter(plain, "calls");
    Bytes reports[3] = {Bytes(report_size), Bytes(report_size), Bytes(report_size)};
    Caller first([&] { return get(fd_.get(), reports[0]); });
    Caller second([&] { return get(fd_.get(), reports[1]); });
    Caller third([&] { return get(fd_.get(), reports[2]); });
    ASSERT_TRUE(first.blocks() && second.blocks() && third.blocks());
    hang.end();
    // One has the report, and the others have found the end that it left.
    int whole = 0;
    Caller* const readers[] = {&first, &second, &third};
    for (int i = 0; i < 3; ++i) {
        const Outcome got = readers[i]->result();
        EXPECT_TRUE(got == gives(report_size) || got == gives(0)) << got;
        if (got != gives(report_size))
            continue;
        ++whole;
        EXPECT_TRUE(answers(asked, reports[i]));
    }
    EXPECT_EQ(whole, 1);
    EXPECT_EQ(counter(plain, "calls"), before + 1);
}

// The pauses are there to have writes at all places between reads, and reads between writes.
void write_now_and_then(int fd, unsigned number, Format format_if_any) {
    set(fd, self_evident(format_if_any));
    if (number % 4 == 0)
        std::this_thread::sleep_for(std::chrono::microseconds(50 * (number % 16)));
}

// Reads with `read_one` in each of `readers` threads, while two others write, until it is enough.
// A read gives false once it has seen something wrong, which ends it too.
void read_against_writers(int fd, unsigned readers, Format format_if_any,
                          const std::function<bool()>& enough,
                          const std::function<bool()>& read_one) {
    const auto end = steady_clock::now() + limit;
    std::atomic<bool> over = false;
    in_parallel(readers + 2, [&](unsigned thread) {
        for (unsigned i = 0; !over; ++i) {
            if (thread < 2)
                write_now_and_then(fd, i, format_if_any);
            else if (!read_one() || enough())
                over = true;
            if (steady_clock::now() > end)
                over = true;
        }
    });
    EXPECT_TRUE(enough() || testing::Test::HasFailure()) << "too few reads to say anything";
}

// A read with room for everything: one whole report, or nothing at its end.
bool is_whole_or_empty(const Outcome& got, ByteSpan buffer, Format format_if_any,
                       std::atomic<unsigned>& whole) {
    if (got == gives(0))
        return true;
    if (got.value < static_cast<long>(report_size)) {
        ADD_FAILURE() << "a read that starts in the middle, or fails: " << got;
        return false;
    }
    const ByteSpan report = buffer.first(static_cast<std::size_t>(got.value));
    const Options asked = options_of(report, format_if_any);
    EXPECT_TRUE(answers(asked, report));
    ++whole;
    return report.size() == stream_size(asked) && verdict_on(asked, report).ok();
}

constexpr unsigned many = 300;

TEST_F(SharedFile, NeverTearsAReadOfThreadsWithConcurrentWriters) {
    set(fd_.get(), self_evident(Format::extended));
    std::atomic<unsigned> whole = 0;
    read_against_writers(
        fd_.get(), 6, Format::extended, [&] { return whole >= many; },
        [&] {
            Bytes buffer(4096);
            return is_whole_or_empty(get(fd_.get(), buffer), buffer, Format::extended, whole);
        });
}

TEST_F(SharedFile, NeverTearsAReadOfProcessesWithConcurrentWriters) {
    set(fd_.get(), self_evident(Format::extended));
    // Exit status 0: enough whole reports; 1: a torn or a foreign one.
    const auto read_on = [&] {
        Bytes buffer(4096);
        for (unsigned whole = 0; whole < many / 3;) {
            const Outcome got = get(fd_.get(), buffer);
            if (got == gives(0))
                continue;
            if (got.value < static_cast<long>(report_size))
                return 1;
            const ByteSpan report = ByteSpan(buffer).first(static_cast<std::size_t>(got.value));
            const Options asked = options_of(report, Format::extended);
            if (report.size() != stream_size(asked) || !verdict_on(asked, report).ok())
                return 1;
            ++whole;
        }
        return 0;
    };
    Child first(read_on);
    Child second(read_on);
    const auto end = steady_clock::now() + limit;
    for (unsigned i = 0; steady_clock::now() < end; ++i) {
        write_now_and_then(fd_.get(), i, Format::extended);
        if (first.status(milliseconds(0)) && second.status(milliseconds(0)))
            break;
    }
    EXPECT_EQ(first.status(milliseconds(0)), 0);
    EXPECT_EQ(second.status(milliseconds(0)), 0);
}

// The two halves of a report: the first has REPORT_DATA and HOST_DATA, the second the tail, in
// which both are repeated. Each is thus known by itself.
constexpr std::size_t half = report_size / 2;

struct Half {
    bool is_first = false;
    bool consistent = false;
    std::uint64_t serial = 0;
};

Half look_at(ByteSpan bytes) {
    constexpr std::size_t tail = TSMFD_EMU_TAG_TAIL - half;
    Half seen;
    const tsmfd::EmuTag at_tail = tsmfd::EmuTag::read(bytes.subspan(tail));
    seen.is_first = !at_tail.valid;
    const tsmfd::EmuTag tag =
        seen.is_first ? tsmfd::EmuTag::read(bytes.subspan(TSMFD_EMU_TAG_HOST_DATA)) : at_tail;
    const std::size_t data = seen.is_first ? 0x50 : tail + tsmfd::EmuTag::size;
    seen.serial = tag.serial;
    seen.consistent = tag.valid && tag.privlevel == (bytes[data] >> 1 & 3U);
    return seen;
}

TEST_F(SharedFile, ReadInHalvesNeverMixesTwoReportsNorStartsInTheMiddle) {
    set(fd_.get(), self_evident(Format::plain));
    Bytes buffer(half);
    std::optional<std::uint64_t> first_half_of;
    std::atomic<unsigned> first_halves = 0;
    std::atomic<unsigned> second_halves = 0;
    // One reader: that a second half follows its own first half is then its own doing.
    read_against_writers(
        fd_.get(), 1, Format::plain,
        [&] { return first_halves >= many && second_halves >= many / 10; },
        [&] {
            const Outcome got = get(fd_.get(), buffer);
            if (got == gives(0))
                return true;
            EXPECT_EQ(got, gives(half));
            if (got != gives(half))
                return false;
            const Half seen = look_at(buffer);
            EXPECT_TRUE(seen.consistent) << "bytes of two reports in one read";
            if (!seen.is_first) {
                EXPECT_EQ(first_half_of, seen.serial)
                    << "the second half of a report whose first half was never read";
            }
            const bool right = seen.consistent && (seen.is_first || first_half_of == seen.serial);
            first_half_of = seen.serial;
            ++(seen.is_first ? first_halves : second_halves);
            return right;
        });
}

TEST_F(SharedFile, ReadInPiecesByManyThreadsNeverMixesTwoReportsNorGivesBytesTwice) {
    set(fd_.get(), self_evident(Format::plain));
    std::mutex lock;
    std::set<std::pair<std::uint64_t, bool>> seen_before; // by serial, and which half
    std::atomic<unsigned> halves = 0;
    read_against_writers(
        fd_.get(), 4, Format::plain, [&] { return halves >= 3 * many; },
        [&] {
            Bytes buffer(half);
            const Outcome got = get(fd_.get(), buffer);
            if (got == gives(0))
                return true;
            EXPECT_EQ(got, gives(half));
            if (got != gives(half))
                return false;
            const Half seen = look_at(buffer);
            EXPECT_TRUE(seen.consistent) << "bytes of two reports in one read";
            ++halves;
            const std::scoped_lock guard(lock);
            const bool is_new = seen_before.emplace(seen.serial, seen.is_first).second;
            EXPECT_TRUE(is_new) << "the same bytes a second time";
            return seen.consistent && is_new;
        });
}

} // namespace
} // namespace guest
