// SPDX-License-Identifier: MIT
//
// Batches: one firmware call for many challenges, each with a proof that is verified here as RFC
// 9162 section 2.1.3.2 says, with OpenSSL's SHA-512.
#include "support/one_shot.hpp"
#include "support/tasks.hpp"
#include "support/test.hpp"

#include <tsmfd/evidence/snp_report.hpp>

#include <array>
#include <cstring>
#include <map>
#include <set>

#include <fcntl.h>
#include <openssl/evp.h>
#include <poll.h>

namespace guest {
namespace {

using Hash = std::array<std::uint8_t, TSMFD_HASH_LEN>;

Hash sha512(std::uint8_t prefix, ByteSpan first, ByteSpan second = {}) {
    Bytes all{prefix};
    all.insert(all.end(), first.begin(), first.end());
    all.insert(all.end(), second.begin(), second.end());
    Hash hash{};
    unsigned length = hash.size();
    EVP_Digest(all.data(), all.size(), hash.data(), &length, EVP_sha512(), nullptr);
    return hash;
}

Hash leaf_of(const Options& asked) {
    tsmfd_batch_leaf leaf{};
    std::memcpy(leaf.version, TSMFD_BATCH_LEAF_VERSION, sizeof(leaf.version));
    leaf.privlevel = asked.privlevel.value_or(0);
    leaf.format = static_cast<std::uint32_t>(asked.format);
    leaf.inblob_len = asked.inblob.size;
    std::ranges::copy(asked.inblob.padded, leaf.inblob);
    Bytes bytes(sizeof(leaf));
    std::memcpy(bytes.data(), &leaf, sizeof(leaf));
    return sha512(0x00, bytes);
}

// What read(2) gives for a batched request, taken apart.
struct Answer {
    tsmfd_batch_proof head{};
    std::vector<Hash> path;
    Bytes outblob;

    explicit Answer(ByteSpan stream) {
        if (stream.size() < sizeof(head))
            return;
        std::memcpy(&head, stream.data(), sizeof(head));
        ByteSpan rest = stream.subspan(sizeof(head));
        if (rest.size() < head.path_len * sizeof(Hash) + head.outblob_len)
            return;
        path.resize(head.path_len);
        std::memcpy(path.data(), rest.data(), head.path_len * sizeof(Hash));
        rest = rest.subspan(head.path_len * sizeof(Hash));
        outblob.assign(rest.begin(), rest.begin() + head.outblob_len);
    }

    // The report's own challenge, which is to be the tree's root.
    [[nodiscard]] Hash root() const {
        Hash root{};
        if (outblob.size() >= 0x90)
            std::memcpy(root.data(), outblob.data() + 0x50, root.size());
        return root;
    }

    [[nodiscard]] bool proves(const Options& asked) const {
        if (head.tree_size == 0 || head.leaf_index >= head.tree_size)
            return false;
        std::uint32_t fn = head.leaf_index;
        std::uint32_t sn = head.tree_size - 1;
        Hash r = leaf_of(asked);
        for (const Hash& p : path) {
            if (sn == 0)
                return false;
            if ((fn & 1) != 0 || fn == sn) {
                r = sha512(0x01, p, r);
                while ((fn & 1) == 0 && fn != 0) {
                    fn >>= 1;
                    sn >>= 1;
                }
            } else {
                r = sha512(0x01, r, p);
            }
            fn >>= 1;
            sn >>= 1;
        }
        return sn == 0 && r == root();
    }
};

class Batch : public GuestTest {
protected:
    struct Member {
        UniqueFd fd;
        Options asked;
    };

    static Member start(const Options& asked) {
        Member member{.fd = open_device(plain, O_NONBLOCK), .asked = asked};
        EXPECT_EQ(put(member.fd.get(), "batch=1"), gives(7));
        begin(member.fd.get(), asked);
        return member;
    }

    // Is with the firmware on return, so that what comes after it is of another call.
    static Member start_first() {
        const std::uint64_t calls = counter(plain, "calls");
        Member member = start(ask(0));
        EXPECT_TRUE(await([calls] { return counter(plain, "calls") > calls; }));
        return member;
    }

    // A request that keeps the firmware busy, and `count` more that gather meanwhile.
    std::vector<Member> gather(std::size_t count) {
        std::vector<Member> members;
        Hang hang(plain);
        members.push_back(start_first());
        for (std::size_t i = 0; i < count; ++i)
            members.push_back(start(ask(0, Format::plain, 1 + i % 64)));
        hang.end();
        return members;
    }

    static void wait_for(const Member& member) {
        pollfd poll{.fd = member.fd.get(), .events = POLLIN, .revents = 0};
        EXPECT_EQ(::poll(&poll, 1, 20'000), 1) << "no answer";
    }

    static Answer answer_of(const Member& member) {
        wait_for(member);
        return Answer(read_to_end(member.fd.get(), 300));
    }
};

TEST_F(Batch, OfOneIsMadeAtOnceByAnIdleFirmware) {
    const Member member = start(ask(1));
    const Answer answer = answer_of(member);
    EXPECT_EQ(answer.head.tree_size, 1U);
    EXPECT_EQ(answer.head.path_len, 0U);
    EXPECT_TRUE(answer.proves(member.asked));
}

TEST_F(Batch, AnswersAllThatGatheredByOneCall) {
    for (const std::size_t count : {1U, 2U, 3U, 4U, 5U, 7U, 8U, 9U, 31U, 33U, 100U}) {
        const std::vector<Member> members = gather(count);
        std::set<std::uint32_t> indices;
        std::map<Hash, std::size_t> roots;
        for (std::size_t i = 1; i < members.size(); ++i) {
            const Answer answer = answer_of(members[i]);
            EXPECT_EQ(answer.head.tree_size, count);
            EXPECT_TRUE(answer.proves(members[i].asked)) << i << " of " << count;
            indices.insert(answer.head.leaf_index);
            ++roots[answer.root()];
        }
        EXPECT_EQ(indices.size(), count) << "leaves are shared";
        EXPECT_EQ(roots.size(), 1U) << "more than one call";
    }
}

TEST_F(Batch, IsReadWholeByOneReadWithRoomForIt) {
    const std::vector<Member> members = gather(9);
    wait_for(members[5]);
    Bytes bytes(32768);
    const Outcome got = get(members[5].fd.get(), bytes);
    ASSERT_TRUE(got.ok());
    bytes.resize(static_cast<std::size_t>(got.value));
    EXPECT_TRUE(Answer(bytes).proves(members[5].asked));
    EXPECT_EQ(get(members[5].fd.get(), bytes), gives(0));
}

TEST_F(Batch, ProvesNothingElse) {
    const std::vector<Member> members = gather(9);
    const Answer answer = answer_of(members[5]);
    ASSERT_TRUE(answer.proves(members[5].asked));
    EXPECT_FALSE(answer.proves(members[6].asked)) << "another's challenge";

    Options other = members[5].asked;
    other.privlevel = 1;
    EXPECT_FALSE(answer.proves(other)) << "another privlevel";
    other = members[5].asked;
    other.format = Format::extended;
    EXPECT_FALSE(answer.proves(other)) << "another format";

    Answer wrong = answer;
    ++wrong.head.leaf_index;
    EXPECT_FALSE(wrong.proves(members[5].asked)) << "another leaf";
    wrong = answer;
    wrong.path.push_back(wrong.path.back());
    EXPECT_FALSE(wrong.proves(members[5].asked)) << "a longer path";
    wrong = answer;
    wrong.path.front()[0] ^= 1;
    EXPECT_FALSE(wrong.proves(members[5].asked)) << "a flipped bit";
}

TEST_F(Batch, IsOfOnePrivlevelAndFormat) {
    std::vector<Member> members;
    {
        Hang hang(plain);
        members.push_back(start_first());
        for (unsigned i = 0; i < 32; ++i)
            members.push_back(start(ask(i % 4, i % 8 < 4 ? Format::plain : Format::extended)));
        hang.end();
    }
    for (std::size_t i = 1; i < members.size(); ++i) {
        const Answer answer = answer_of(members[i]);
        EXPECT_EQ(answer.head.tree_size, 4U);
        EXPECT_TRUE(answer.proves(members[i].asked));
        EXPECT_EQ(answer.head.auxblob_len != 0, members[i].asked.format == Format::extended);
    }
}

TEST_F(Batch, LosesAMemberThatGoesAndNobodyElse) {
    std::vector<Member> members;
    {
        Hang hang(plain);
        members.push_back(start_first());
        for (int i = 0; i < 10; ++i)
            members.push_back(start(ask(0)));
        for (std::size_t i = 4; i < 8; ++i)
            members[i].fd.reset();
        // Two of them are replaced.
        for (int i = 0; i < 2; ++i)
            members.push_back(start(ask(0)));
        hang.end();
    }
    for (const Member& member : members) {
        if (!member.fd)
            continue;
        const Answer answer = answer_of(member);
        EXPECT_TRUE(answer.proves(member.asked));
        EXPECT_LE(answer.head.tree_size, 10U);
    }
}

TEST_F(Batch, FailsAsOne) {
    std::vector<Member> members;
    {
        Hang hang(plain);
        members.push_back(start_first());
        for (int i = 0; i < 5; ++i)
            members.push_back(start(ask(0)));
        const Setting failing(plain, "fail_permille", 1000);
        hang.end();
        for (std::size_t i = 1; i < members.size(); ++i)
            wait_for(members[i]);
    }
    Bytes buffer(4096);
    for (std::size_t i = 1; i < members.size(); ++i)
        EXPECT_EQ(get(members[i].fd.get(), buffer), fails(EIO));
    const Member later = start(ask(0));
    EXPECT_TRUE(answer_of(later).proves(later.asked));
}

TEST_F(Batch, OfTheIoctlNeedsRoomForItsProof) {
    const UniqueFd fd = open_device(plain);
    OneShot shot(ask(0));
    shot.req.flags |= TSMFD_OPT_BATCH;
    ASSERT_EQ(shot.call(fd.get()), fails(EMSGSIZE));
    ASSERT_EQ(shot.req.proof_len, sizeof(tsmfd_batch_proof));
    GuardedBuffer proof(shot.req.proof_len);
    shot.req.proof = proof.address();
    const std::uint64_t generation = shot.req.generation;
    ASSERT_EQ(shot.call(fd.get()), gives(0));
    EXPECT_EQ(shot.req.generation, generation) << "another firmware call";
    EXPECT_TRUE(proof.untouched_behind(shot.req.proof_len));
}

} // namespace
} // namespace guest
