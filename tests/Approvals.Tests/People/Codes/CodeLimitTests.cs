using System.Globalization;
using FsCheck.Fluent;
using Talent.Workflows.Approvals.People.Codes;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Approvals.Tests.People.Codes;

/// <summary>Limits hold over nodes, restarts and many requests at once, because the statement that issues counts.</summary>
public sealed class CodeLimitTests
{
    private const string Address = "203.0.113.7";

    [Fact]
    public async Task Phone_WhenFortyRequestsComeAtOnceOnTwoNodes_ThenOneIsSent_R_ACC_1()
    {
        await using var desk = await CodeDesk.OpenAsync();

        var faults = await AtOnceAsync(desk, i => (Phone(0), $"203.0.113.{i}"));

        Assert.Equal(1, faults.Count(f => f is null));
        Assert.Equal(39, faults.Count(f => f == "phone"));
        Assert.Equal(1L, await desk.Scalar<long>("select count(*) from engine.outbox"));
    }

    [Fact]
    public async Task Address_WhenFortyRequestsComeAtOnceOnTwoNodes_ThenTwentyAreSentAndARestartForgetsNone_R_ACC_1()
    {
        await using var desk = await CodeDesk.OpenAsync();

        var faults = await AtOnceAsync(desk, i => (Phone(i), Address));

        Assert.Equal(20, faults.Count(f => f is null));
        Assert.Equal(20, faults.Count(f => f == "address"));
        Assert.Equal(20L, await desk.Scalar<long>("select count(*) from engine.outbox"));
        desk.Pass(TimeSpan.FromMinutes(59));
        var restarted = desk.Open();
        var refusal = await Assert.ThrowsAsync<WorkflowException>(() => restarted.SendAsync(Phone(90), Address));
        Assert.Equal(("address", 60), (refusal.Facts["limit"], refusal.Facts["retryAfterSeconds"]));
        // Whoever is refused by the address has used up nothing of the telephone's.
        Assert.NotNull(await restarted.SendAsync(Phone(90), "2001:db8::1"));
        desk.Pass(TimeSpan.FromMinutes(1));
        Assert.NotNull(await restarted.SendAsync(Phone(91), Address));
    }

    [Fact]
    public async Task Total_WhenFortyRequestsOfManyComeAtOnce_ThenAsManyAreSentAsAreAllowed_R_ACC_1()
    {
        await using var desk = await CodeDesk.OpenAsync(("TotalPerMinute", "15"));

        var faults = await AtOnceAsync(desk, i => (Phone(i), $"203.0.113.{i}"));

        Assert.Equal(15, faults.Count(f => f is null));
        Assert.Equal(25, faults.Count(f => f == "total"));
        desk.Pass(TimeSpan.FromMinutes(1));
        Assert.NotNull(await desk.Node.SendAsync(Phone(90)));
    }

    [Fact]
    public async Task Challenges_WhenOneAddressAsksForManyAtOnce_ThenTheyAreLimited_R_ACC_1()
    {
        await using var desk = await CodeDesk.OpenAsync(("ChallengesPerTenMinutes", "10"));
        var second = desk.Open();

        var faults = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => CodeNode.FaultOf(() =>
            (i % 2 == 0 ? desk.Node : second).Codes.ChallengeAsync(System.Net.IPAddress.Parse(string.Create(CultureInfo.InvariantCulture, $"2001:db8:1:2::{i}")), default))));

        // One user has all addresses of a /64.
        Assert.Equal(10, faults.Count(f => f is null));
        Assert.Equal(30, faults.Count(f => f == "challenges"));
        Assert.Null(await CodeNode.FaultOf(() => desk.Node.Codes.ChallengeAsync(System.Net.IPAddress.Parse("2001:db8:1:3::1"), default)));
    }

    [Fact]
    public async Task Phone_WhenRequestsComeAtAnyTimes_ThenNoWindowHasMoreThanItMayAndNoneIsRefusedWithoutNeed_R_ACC_1()
    {
        await using var desk = await CodeDesk.OpenAsync(("PhonePauseSeconds", "60"), ("PhonePerHour", "3"), ("PhonePerDay", "5"), ("AddressPerHour", "1000"), ("AddressPerDay", "1000"), ("ChallengesPerTenMinutes", "1000"));
        (int Most, TimeSpan Within)[] windows = [(1, TimeSpan.FromSeconds(60)), (3, TimeSpan.FromHours(1)), (5, TimeSpan.FromDays(1))];
        var gaps = Gen.Frequency((4, Gen.Choose(0, 90)), (3, Gen.Choose(600, 2400)), (1, Gen.Choose(20_000, 90_000))).ListOf(8).Select(g => g.ToArray());
        var number = 0;

        Property.Holds(gaps, seconds =>
        {
            var phone = Phone(number++);
            var address = string.Create(CultureInfo.InvariantCulture, $"198.18.{number / 250}.{number % 250}");
            var sent = new List<DateTimeOffset>();
            foreach (var gap in seconds)
            {
                desk.Pass(TimeSpan.FromSeconds(gap));
                var now = desk.Time.GetUtcNow();
                var allowed = windows.All(w => sent.Count(s => s > now - w.Within) < w.Most);
                var fault = CodeNode.FaultOf(() => desk.Node.SendAsync(phone, address)).GetAwaiter().GetResult();
                Assert.Equal(allowed ? null : "phone", fault);
                if (allowed)
                    sent.Add(now);
            }
            desk.Pass(TimeSpan.FromHours(1));
        });
    }

    [Fact]
    public async Task Refusal_WhenThePhoneIsLimited_ThenItSaysWhenThereIsAPlaceAndThenThereIs_R_ACC_1()
    {
        await using var desk = await CodeDesk.OpenAsync();
        for (var i = 0; i < 5; i++)
        {
            await desk.Node.SendAsync(Phone(0));
            desk.Pass(TimeSpan.FromSeconds(100));
        }

        var refusal = await Assert.ThrowsAsync<WorkflowException>(() => desk.Node.SendAsync(Phone(0)));

        Assert.Equal((ErrorCodes.RateLimited, 3100), (refusal.Code, refusal.Facts["retryAfterSeconds"]));
        desk.Pass(TimeSpan.FromSeconds(3099));
        Assert.Equal("phone", await CodeNode.FaultOf(() => desk.Node.SendAsync(Phone(0))));
        desk.Pass(TimeSpan.FromSeconds(1));
        Assert.NotNull(await desk.Node.SendAsync(Phone(0)));
    }

    [Fact]
    public async Task Rows_WhenTheySayNothingAnyMore_ThenTheyAreRemoved_R_ACC_1()
    {
        await using var desk = await CodeDesk.OpenAsync();
        await desk.Node.SendAsync(Phone(0), "203.0.113.1");
        desk.Pass(TimeSpan.FromDays(2));

        await desk.Node.SendAsync(Phone(1), "203.0.113.2");

        Assert.Equal((1L, 1L), (await desk.Scalar<long>("select count(*) from approvals.codes"), await desk.Scalar<long>("select count(*) from approvals.code_challenges")));
        // Of the new one: its address twice (challenges and codes), its telephone, the total.
        Assert.Equal(4L, await desk.Scalar<long>("select count(*) from approvals.code_limits"));
    }

    /// <summary>Forty requests, each with its own solved challenge, half of them on another node with its own connections.</summary>
    private static async Task<string?[]> AtOnceAsync(CodeDesk desk, Func<int, (string Phone, string Address)> of)
    {
        var second = desk.Open();
        var challenges = new List<Guid>();
        for (var i = 0; i < 40; i++)
            challenges.Add(await desk.Node.ChallengeAsync());
        return await Task.WhenAll(challenges.Select((challenge, i) => CodeNode.FaultOf(() => (i % 2 == 0 ? desk.Node : second).IssueAsync(challenge, of(i).Phone, of(i).Address))));
    }

    private static string Phone(int number) => string.Create(CultureInfo.InvariantCulture, $"199000{number:00000}");
}
