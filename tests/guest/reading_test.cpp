// SPDX-License-Identifier: MIT
//
// read(2) of /dev/tsmfdN by one reader.
#include "support/test.hpp"

#include <tsmfd/evidence/cert_table.hpp>

#include <string>
#include <tuple>

#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

namespace guest {
namespace {

class Reading : public GuestTest {
protected:
    Reading() : fd_(open_device(plain)) {}

    UniqueFd fd_;
    Bytes buffer_ = Bytes(65536);
};

class ReadingAReport : public Reading,
                       public testing::WithParamInterface<std::tuple<unsigned, Format>> {};

TEST_P(ReadingAReport, GivesOneForTheOptionsWritten) {
    const auto [privlevel, format] = GetParam();
    const Options asked = ask(privlevel, format);
    set(fd_.get(), asked);
    ASSERT_EQ(get(fd_.get(), buffer_), gives(stream_size(asked)));
    EXPECT_TRUE(answers(asked, ByteSpan(buffer_).first(stream_size(asked))));
    EXPECT_EQ(get(fd_.get(), buffer_), gives(0)) << "no end of file behind the report";
}

INSTANTIATE_TEST_SUITE_P(Of, ReadingAReport,
                         testing::Combine(testing::Range(0U, 4U),
                                          testing::Values(Format::plain, Format::extended)),
                         [](const auto& test) {
                             return "Privlevel" + std::to_string(std::get<0>(test.param)) +
                                    (std::get<1>(test.param) == Format::plain ? "Default"
                                                                              : "Extended");
                         });

TEST_F(Reading, BeforeAnythingIsWrittenGivesEinval) {
    EXPECT_EQ(get(fd_.get(), buffer_), fails(EINVAL));
}

TEST_F(Reading, WithoutAnInblobGivesEinval) {
    EXPECT_TRUE(put(fd_.get(), "privlevel=2 format=extended").ok());
    EXPECT_EQ(get(fd_.get(), buffer_), fails(EINVAL));
}

TEST_F(Reading, PutsZerosBehindAShortInblob) {
    for (const std::size_t size : {1U, 2U, 31U, 63U, 64U}) {
        const Options asked = ask(2, Format::plain, size);
        set(fd_.get(), asked);
        const Bytes report = read_to_end(fd_.get());
        EXPECT_TRUE(answers(asked, report)); // which compares all 64 bytes of REPORT_DATA
        EXPECT_EQ(tag_of(report).inblob_len, size);
    }
}

TEST_F(Reading, KeepsNothingOfALongerInblobBefore) {
    set(fd_.get(), ask(2));
    (void)read_to_end(fd_.get());
    const Options asked = ask(2, Format::plain, 3);
    set(fd_.get(), asked);
    EXPECT_TRUE(answers(asked, read_to_end(fd_.get())));
}

TEST_F(Reading, ByteByByteGivesTheWholeReport) {
    const Options asked = ask(1, Format::extended);
    set(fd_.get(), asked);
    const Bytes report = read_to_end(fd_.get(), 1);
    EXPECT_EQ(report.size(), stream_size(asked));
    EXPECT_TRUE(answers(asked, report));
}

TEST_F(Reading, InPiecesOfAnySizeGivesTheWholeReport) {
    for (const std::size_t size : {7U, 96U, 1183U, 1184U, 1185U, 1567U, 1568U, 1569U}) {
        const Options asked = ask(3, Format::extended);
        set(fd_.get(), asked);
        EXPECT_TRUE(answers(asked, read_to_end(fd_.get(), size))) << "in pieces of " << size;
    }
}

TEST_F(Reading, FallsShortOfItsRoomOnlyAtTheEnd) {
    const Options asked = ask(3, Format::extended);
    const std::size_t size = stream_size(asked);
    for (const std::size_t room : {1U, 1183U, 1184U, 1185U}) {
        set(fd_.get(), asked);
        EXPECT_EQ(get(fd_.get(), std::span(buffer_).first(room)), gives(room));
        EXPECT_EQ(get(fd_.get(), buffer_), gives(size - room)) << "behind " << room;
    }
}

TEST_F(Reading, InPiecesMakesOneFirmwareCall) {
    const std::uint64_t before = counter(plain, "calls");
    set(fd_.get(), ask());
    (void)read_to_end(fd_.get(), 100);
    EXPECT_EQ(counter(plain, "calls"), before + 1);
}

TEST_F(Reading, AtTheEndOfFileMakesNoFirmwareCall) {
    set(fd_.get(), ask());
    (void)read_to_end(fd_.get());
    const std::uint64_t before = counter(plain, "calls");
    EXPECT_EQ(get(fd_.get(), buffer_), gives(0));
    EXPECT_EQ(counter(plain, "calls"), before);
}

TEST_F(Reading, AfterTheSameOptionsWereWrittenAgainMakesANewReport) {
    const Options asked = ask();
    set(fd_.get(), asked);
    const Bytes first = read_to_end(fd_.get());
    set(fd_.get(), asked);
    const Bytes second = read_to_end(fd_.get());
    EXPECT_TRUE(answers(asked, second));
    EXPECT_NE(tag_of(first).serial, tag_of(second).serial);
}

TEST_F(Reading, StaysAtTheEndOfFile) {
    set(fd_.get(), ask());
    (void)read_to_end(fd_.get());
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(get(fd_.get(), buffer_), gives(0));
}

TEST_F(Reading, StartsOverAfterAWriteInTheMiddleOfAReport) {
    set(fd_.get(), ask());
    EXPECT_EQ(get(fd_.get(), std::span(buffer_).first(500)), gives(500));
    const Options asked = ask(2, Format::extended);
    set(fd_.get(), asked);
    EXPECT_TRUE(answers(asked, read_to_end(fd_.get())));
}

TEST_F(Reading, StartsOverAfterAWriteAtTheEndOfFile) {
    set(fd_.get(), ask());
    (void)read_to_end(fd_.get());
    const Options asked = ask(2, Format::extended);
    set(fd_.get(), asked);
    EXPECT_TRUE(answers(asked, read_to_end(fd_.get())));
}

TEST_F(Reading, GoesOnWhereItWasAfterARefusedWrite) {
    const Options asked = ask(1, Format::extended);
    set(fd_.get(), asked);
    Bytes report(500);
    EXPECT_EQ(get(fd_.get(), report), gives(500));
    EXPECT_EQ(put(fd_.get(), "privlevel=4"), fails(EINVAL));
    const Bytes rest = read_to_end(fd_.get());
    report.insert(report.end(), rest.begin(), rest.end());
    EXPECT_TRUE(answers(asked, report));
}

TEST_F(Reading, AnExtendedReportGivesCertificatesOfTheSameFirmwareCall) {
    const Options asked = ask(0, Format::extended);
    set(fd_.get(), asked);
    const Bytes stream = read_to_end(fd_.get());
    ASSERT_EQ(stream.size(), report_size + cert_table_size);

    const auto certs = tsmfd::CertTable::parse(ByteSpan(stream).subspan(report_size));
    ASSERT_TRUE(certs.has_value()) << certs.error().message();
    EXPECT_EQ(certs->size(), 3);
    for (const tsmfd::Cert& cert : *certs) {
        EXPECT_EQ(tsmfd::EmuTag::read(cert.bytes).serial, tag_of(stream).serial);
        EXPECT_EQ(tsmfd::EmuTag::read(cert.bytes).format, TSMFD_FORMAT_EXTENDED);
    }
}

TEST_F(Reading, IntoSeveralBuffersFillsThemInOrder) {
    const Options asked = ask(0, Format::extended);
    set(fd_.get(), asked);
    Bytes report(stream_size(asked));
    const iovec parts[] = {{report.data(), 1},
                           {report.data() + 1, 1200},
                           {report.data() + 1201, report.size() - 1201}};
    EXPECT_EQ(outcome_of(::readv(fd_.get(), parts, 3)), gives(report.size()));
    EXPECT_TRUE(answers(asked, report));
}

TEST_F(Reading, AfterOptionsFromSeveralBuffersSeesOneText) {
    const Options asked = ask(2);
    std::string text = asked.text();
    const iovec parts[] = {{text.data(), 3}, {text.data() + 3, text.size() - 3}};
    EXPECT_EQ(outcome_of(::writev(fd_.get(), parts, 2)), gives(text.size()));
    EXPECT_TRUE(answers(asked, read_to_end(fd_.get())));
}

TEST_F(Reading, NoBytesGivesNoBytes) {
    set(fd_.get(), ask());
    EXPECT_EQ(get(fd_.get(), std::span(buffer_).first(0)), gives(0));
}

TEST_F(Reading, WritesNotAByteBehindTheReport) {
    const Options asked = ask(0, Format::extended);
    set(fd_.get(), asked);
    std::ranges::fill(buffer_, std::uint8_t{0xa5});
    ASSERT_EQ(get(fd_.get(), buffer_), gives(stream_size(asked)));
    for (std::size_t i = stream_size(asked); i < buffer_.size(); ++i)
        ASSERT_EQ(buffer_[i], 0xa5) << "at " << i;
}

TEST_F(Reading, IntoMemoryThatIsNotThereGivesEfaultAndLosesNothing) {
    const Options asked = ask();
    set(fd_.get(), asked);
    void* const nowhere = ::mmap(nullptr, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    EXPECT_EQ(outcome_of(::read(fd_.get(), nowhere, 4096)), fails(EFAULT));
    ::munmap(nowhere, 4096);
    EXPECT_TRUE(answers(asked, read_to_end(fd_.get())));
}

TEST_F(Reading, IntoMemoryThatEndsHalfwayGivesTheFirstHalf) {
    const Options asked = ask(0, Format::extended);
    set(fd_.get(), asked);
    void* const pages =
        ::mmap(nullptr, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    std::uint8_t* const boundary = static_cast<std::uint8_t*>(pages) + 4096;
    ASSERT_EQ(::mprotect(boundary, 4096, PROT_NONE), 0);

    ASSERT_EQ(outcome_of(::read(fd_.get(), boundary - 700, 2000)), gives(700));
    Bytes report(boundary - 700, boundary);
    ::munmap(pages, 8192);
    const Bytes rest = read_to_end(fd_.get());
    report.insert(report.end(), rest.begin(), rest.end());
    EXPECT_TRUE(answers(asked, report));
}

} // namespace
} // namespace guest
