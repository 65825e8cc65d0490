using System.Security.Cryptography;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.PersonalData;

namespace Talent.Workflows.Approvals.Tests.PersonalData;

public sealed class KeyRingTests
{
    private static readonly DateOnly Today = new(2026, 11, 21);
    private static readonly SealedPlace Phone = new("people.phone", Guid.Parse("01900000-0000-7000-8000-000000000001"));

    private static readonly Gen<string> Texts =
        from runes in Gen.ArrayOf(Gen.OneOf(Gen.Choose(1, 0xD7FF), Gen.Choose(0xE000, 0x10FFFF)))
        select string.Concat(runes.Select(r => new Rune(r).ToString()));

    private static KeyRing Ring(int current) => new(Enumerable.Range(1, current).Select(id => KeyValuePair.Create(id, SHA256.HashData(Encoding.UTF8.GetBytes($"data key {id}")))), SHA256.HashData("index key"u8));

    [Fact]
    public void Seal_WhenOpened_ThenItIsTheSameText_R_AUD_2() => Property.Holds(Texts, text =>
    {
        var ring = Ring(3);

        var value = ring.Seal(text, Phone);

        Assert.Equal(text, ring.Open(value, Phone));
        Assert.Equal(Encoding.UTF8.GetByteCount(text) + KeyRing.Overhead, value.Length);
        Assert.NotEqual(value, ring.Seal(text, Phone));
    });

    [Fact]
    public void Seal_WhenLookedAt_ThenTheTextIsntInIt_R_AUD_2() =>
        Assert.Equal(-1, Ring(1).Seal("110199198602140254", Phone).AsSpan().IndexOf("110199198602140254"u8));

    [Fact]
    public void Open_WhenAnyByteWasChanged_ThenItFails_R_AUD_2()
    {
        var ring = Ring(300);
        var value = ring.Seal("19900000054", Phone);

        for (var at = 0; at < value.Length; at++)
            foreach (var flip in (byte[])[1, 0x80, 0xFF])
            {
                var changed = value.ToArray();
                changed[at] ^= flip;
                Assert.Throws<SealedValueException>(() => ring.Open(changed, Phone));
            }
        for (var length = 0; length < value.Length; length++)
            Assert.Throws<SealedValueException>(() => ring.Open(value[..length], Phone));
        Assert.Throws<SealedValueException>(() => ring.Open([.. value, 0], Phone));
    }

    [Fact]
    public void Open_WhenTheValueWasMovedToAnotherPlace_ThenItFails_R_AUD_2()
    {
        var ring = Ring(1);
        var value = ring.Seal("19900000054", Phone with { Part = "general" });

        Assert.Equal("19900000054", ring.Open(value, Phone with { Part = "general" }));
        foreach (var other in (SealedPlace[])[Phone, Phone with { Part = "work" }, new("people.email", Phone.Row, "general"), new(Phone.Column, Guid.Parse("01900000-0000-7000-8000-000000000002"), "general")])
            Assert.Throws<SealedValueException>(() => ring.Open(value, other));
    }

    [Fact]
    public void Open_WhenTheKeyIsAnEarlierOne_ThenItIsReadableAndWithoutItItIsnt_R_AUD_2()
    {
        var value = Ring(1).Seal("19900000054", Phone);

        Assert.Equal("19900000054", Ring(7).Open(value, Phone));
        Assert.Contains("no data key 7", Assert.Throws<SealedValueException>(() => Ring(6).Open(Ring(7).Seal("x", Phone), Phone)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Index_WhenSpellingsDiffer_ThenTheSameNumberHasTheSameIndexWhateverTheDataKey_R_AUD_2()
    {
        byte[] Id(string text, int current) => ResidentId.TryParse(text, Today, out var id, out _) ? Ring(current).Index(id) : [];
        byte[] Mobile(string text, int current) => PhoneNumber.TryParse(text, out var phone, out _) ? Ring(current).Index(phone) : [];
        byte[] Mail(string text, int current) => EmailAddress.TryParse(text, out var email, out _) ? Ring(current).Index(email) : [];

        Assert.Equal(Id("11010519491231002X", 1), Id(" 11010519491231002x", 9));
        Assert.Equal(Mobile("19900000054", 1), Mobile("+86 199-0000-0054", 9));
        Assert.Equal(Mail("Li.Shili@Example.CN", 1), Mail("li.shili@example.cn", 9));
        Assert.Equal(6, new[] { Id("11010519491231002X", 1), Id("110199198602140254", 1), Mobile("19900000054", 1), Mobile("19900000055", 1), Mail("a@example.cn", 1), Mail("b@example.cn", 1) }
            .Where(index => index.Length == 32).Select(Convert.ToHexString).Distinct().Count());
    }

    [Fact]
    public void Index_WhenTheKeyIsAnother_ThenItIsAnother_R_AUD_2()
    {
        _ = PhoneNumber.TryParse("19900000054", out var phone, out _);
        var keys = new[] { KeyValuePair.Create(1, SHA256.HashData("data"u8)) };

        Assert.NotEqual(new KeyRing(keys, SHA256.HashData("one"u8)).Index(phone!), new KeyRing(keys, SHA256.HashData("two"u8)).Index(phone!));
    }
}
