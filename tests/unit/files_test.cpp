// SPDX-License-Identifier: MIT
//
// Whole files, as tools and examples read them.
#include "directory.hpp"

#include <cerrno>
#include <cstdio>
#include <string>

#include <fcntl.h>
#include <files.hpp>
#include <gtest/gtest.h>
#include <unistd.h>

namespace {

using files::Bytes;

class Files : public testing::Test {
protected:
    // With bytes that differ from their neighbours.
    std::string file(std::size_t size) {
        std::string text(size, 'x');
        for (std::size_t i = 0; i < size; i += 3)
            text[i] = static_cast<char>(i % 251);
        directory_.write("file", text);
        return directory_.of("file");
    }
    [[nodiscard]] Bytes written(std::size_t size) {
        (void)file(size);
        const std::string text = directory_.read("file");
        return {text.begin(), text.end()};
    }

    Directory directory_;
};

// Around the sizes that the buffer grows at.
TEST_F(Files, AreReadWhole) {
    for (const std::size_t size : {0U, 1U, 32767U, 32768U, 32769U, 65536U, 65537U, 300000U})
        EXPECT_EQ(files::read_file(file(size)).value(), written(size)) << size;
}

TEST_F(Files, HaveALimitToTheByte) {
    const std::string name = file(1000);
    EXPECT_EQ(files::read_file(name, 1000)->size(), 1000U);
    const auto more = files::read_file(name, 999);
    ASSERT_FALSE(more);
    EXPECT_EQ(more.error().code, EFBIG);
    EXPECT_NE(more.error().what.find(name), std::string::npos);
    EXPECT_EQ(files::read_file(name, 0).error().code, EFBIG);
    EXPECT_EQ(files::read_file("/dev/zero").error().code, EFBIG);
}

TEST_F(Files, MayShareABuffer) {
    Bytes buffer;
    const auto longer = files::read_file(file(40000), buffer);
    ASSERT_EQ(longer->size(), 40000U);
    EXPECT_EQ(longer->data(), buffer.data());
    const auto* where = buffer.data();
    EXPECT_EQ(files::read_file(file(5), buffer)->size(), 5U);
    EXPECT_EQ(buffer.data(), where);
}

TEST_F(Files, ThatCannotBeReadAreNamed) {
    for (const auto& [name, code] :
         {std::pair{directory_.of("nothing"), ENOENT}, {directory_.of("."), EISDIR}}) {
        const auto read = files::read_file(name);
        ASSERT_FALSE(read) << name;
        EXPECT_EQ(read.error().code, code) << name;
        EXPECT_NE(read.error().what.find(name), std::string::npos) << read.error().what;
    }
    EXPECT_EQ(files::write_file(directory_.of("nothing"), "x", 1).error().code, ENOENT);
}

TEST_F(Files, OfTheNameDashAreStdin) {
    const int before = ::dup(STDIN_FILENO);
    ASSERT_GE(before, 0);
    const int in = ::open(file(100).c_str(), O_RDONLY | O_CLOEXEC);
    ASSERT_GE(in, 0);
    ASSERT_EQ(::dup2(in, STDIN_FILENO), STDIN_FILENO);
    EXPECT_EQ(files::read_input("-").value(), written(100));
    ASSERT_EQ(::dup2(before, STDIN_FILENO), STDIN_FILENO);
    ::close(before);
    ::close(in);
    EXPECT_EQ(files::read_input(file(7))->size(), 7U);
}

TEST_F(Files, HaveALineWithoutItsEnd) {
    directory_.write("line", "tsmfd_emu\n\n");
    EXPECT_EQ(files::read_line(directory_.of("line")).value(), "tsmfd_emu");
}

} // namespace
