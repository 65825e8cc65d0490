using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.People.Codes;
using Talent.Workflows.Approvals.People.Faces;
using Talent.Workflows.Engine;
using static Talent.Workflows.Approvals.Tests.People.RealName.RealNameDesk;

namespace Talent.Workflows.Approvals.Tests.People.RealName;

/// <summary>换绑: it takes a confirmed name and number, the face, and the telephone of the account that holds the identity, and nothing less.</summary>
public sealed class RebindingTests
{
    private const string PhoneOfWang = "19900007702";

    [Fact]
    public async Task Rebinding_WhenFaceAndTelephoneAreTheirs_ThenTheIdentityMovesAndBothAreTold_R_ACC_2()
    {
        await using var desk = await OpenAsync();
        var (li, wang) = await desk.BoundAsync();

        var face = await desk.FaceAsync(Wang, wang);
        var sent = await desk.SendCodeAsync(Wang, wang, face);
        Assert.Equal(PhoneOfLi[^4..], sent.PhoneTail);
        await desk.RebindAsync(Wang, wang, face, sent.Id, desk.CodeTo(PhoneOfLi));
        await desk.Desk.Deliver();

        Assert.Equal((false, true), (await desk.IsVerified(li), await desk.IsVerified(wang)));
        Assert.Equal(("released", "verified"), ((await desk.ReadAsync(Li, li)).State, (await desk.ReadAsync(Wang, wang)).State));
        Assert.Equal([$"identity.rebound {PhoneOfWang}", $"identity.released {PhoneOfLi}"], desk.Desk.Sent.Where(m => m.Event.StartsWith("identity.", StringComparison.Ordinal)).Select(m => $"{m.Event} {m.To}").Order());
        Assert.Equal([$"identity.rebound {Wang}", $"identity.released {Li}"], (await desk.Desk.Rows("select event || ' ' || user_id from approvals.inbox", r => r.GetString(0))).Order());
        Assert.Equal($"rebinding {li} {wang} {face} {sent.Id} {Wang}", await desk.Desk.Scalar<string>("select concat_ws(' ', way, from_person, to_person, face_check_id, code_id, user_id) from approvals.identity_moves"));
        // The same request again is carried out once.
        await desk.RebindAsync(Wang, wang, face, sent.Id, "000000");
        Assert.Equal(1L, await desk.Desk.Scalar<long>("select count(*) from approvals.identity_moves"));
        // And back, with all of it anew.
        Assert.Equal("bound_to_another", await desk.VerifyAsync(Li, li));
        desk.Pass(TimeSpan.FromMinutes(2));
        var own = await desk.FaceAsync(Li, li);
        var back = await desk.SendCodeAsync(Li, li, own);
        await desk.RebindAsync(Li, li, own, back.Id, desk.CodeTo(PhoneOfWang));
        Assert.Equal((true, false), (await desk.IsVerified(li), await desk.IsVerified(wang)));
    }

    [Fact]
    public async Task Rebinding_WhenAnythingIsMissing_ThenNoTelephoneRingsAndNothingMoves_R_ACC_2_R_INT_2()
    {
        await using var desk = await OpenAsync();
        var li = await desk.RegisterAsync(Li, PhoneOfLi);
        Assert.Equal("verified", await desk.VerifyAsync(Li, li));
        // Knows the number, and has registered with it in vain: nothing that the office confirmed.
        var wang = await desk.RegisterAsync(Wang, PhoneOfWang);
        Assert.Equal("nothing_to_rebind", await RefusalOf(() => desk.SendCodeAsync(Wang, wang, Guid.NewGuid())));

        Assert.Equal("bound_to_another", await desk.VerifyAsync(Wang, wang));
        // No face; somebody else's; one for something else; one of before the number was confirmed.
        Assert.Equal("face_required", await RefusalOf(() => desk.SendCodeAsync(Wang, wang, Guid.NewGuid())));
        var others = await desk.FaceAsync(Li, li);
        Assert.Equal("face_required", await RefusalOf(() => desk.SendCodeAsync(Wang, wang, others)));
        var lookUp = await desk.FaceAsync(Wang, wang, FacePurposes.LookUp);
        Assert.Equal("face_required", await RefusalOf(() => desk.SendCodeAsync(Wang, wang, lookUp)));
        var waiting = await desk.BeginFaceAsync(Wang, wang, FacePurposes.Rebinding);
        Assert.Equal("face_required", await RefusalOf(() => desk.SendCodeAsync(Wang, wang, waiting)));
        // Another person's matter.
        Assert.Equal(ErrorCodes.NotFound, await RefusalOf(() => desk.SendCodeAsync(Li, wang, others)));
        Assert.DoesNotContain(desk.Desk.Sent, m => m.To == PhoneOfLi);

        // With a face, but a code that was sent to the attacker's own telephone, for whatever purpose.
        var face = await desk.FaceAsync(Wang, wang);
        foreach (var purpose in (CodePurpose[])[CodePurpose.Login, CodePurpose.Rebinding])
        {
            desk.Pass(TimeSpan.FromMinutes(2));
            var own = await desk.OwnCodeAsync(PhoneOfWang, purpose);
            Assert.Equal("code_gone", await RefusalOf(() => desk.RebindAsync(Wang, wang, face, own, desk.CodeTo(PhoneOfWang))));
        }
        Assert.Equal((true, false), (await desk.IsVerified(li), await desk.IsVerified(wang)));
        Assert.Equal(0L, await desk.Desk.Scalar<long>("select count(*) from approvals.identity_moves"));
    }

    [Fact]
    public async Task Rebinding_WhenTheFaceDoesntFit_ThenItIsRefused_R_ACC_2_R_INT_2()
    {
        await using var desk = await OpenAsync();
        var (_, wang) = await desk.BoundAsync(PersonDesk.NumberOf(911));

        var face = await desk.FaceAsync(Wang, wang);

        Assert.Equal(("failed", "appeal"), await desk.ReadFaceAsync(Wang, wang, face) is var view ? (view.State, view.Alternative!.Way) : default);
        Assert.Equal("face_required", await RefusalOf(() => desk.SendCodeAsync(Wang, wang, face)));
    }

    [Fact]
    public async Task Rebinding_WhenTheCodeIsGuessed_ThenItIsLockedAndTheDaysTriesAreOver_R_ACC_2()
    {
        await using var desk = await OpenAsync();
        var (li, wang) = await desk.BoundAsync();
        var face = await desk.FaceAsync(Wang, wang);
        var sent = await desk.SendCodeAsync(Wang, wang, face);
        var wrong = desk.CodeTo(PhoneOfLi) == "000000" ? "000001" : "000000";
        var refusals = new List<string>();

        for (var i = 0; i < 1000; i++)
            refusals.Add(await RefusalOf(() => desk.RebindAsync(Wang, wang, face, sent.Id, wrong)));

        Assert.Equal(["code_wrong", "code_wrong", "code_wrong", "code_wrong", "code_locked"], refusals.Take(5));
        Assert.All(refusals.Skip(5), r => Assert.Equal("rebinding", r));
        Assert.Equal("rebinding", await RefusalOf(() => desk.RebindAsync(Wang, wang, face, sent.Id, desk.CodeTo(PhoneOfLi))));
        Assert.True(await desk.IsVerified(li));
    }

    [Fact]
    public async Task Rebinding_WhenFaceOrConfirmationAreOldOrTheNameChanged_ThenTheyHaveToBeNew_R_ACC_2()
    {
        await using var desk = await OpenAsync();
        var (li, wang) = await desk.BoundAsync();
        var face = await desk.FaceAsync(Wang, wang);
        var sent = await desk.SendCodeAsync(Wang, wang, face);

        desk.Pass(TimeSpan.FromMinutes(30));
        Assert.Equal("face_required", await RefusalOf(() => desk.RebindAsync(Wang, wang, face, sent.Id, desk.CodeTo(PhoneOfLi))));
        desk.Pass(TimeSpan.FromHours(24));
        Assert.Equal("verification_old", await RefusalOf(() => desk.SendCodeAsync(Wang, wang, face)));
        Assert.Equal("bound_to_another", await desk.VerifyAsync(Wang, wang));
        await desk.People.Commands.ChangeAsync(desk.People.As(Wang), wang, new PersonChange(Name: "李改名"), null, default);
        Assert.Equal("nothing_to_rebind", await RefusalOf(() => desk.SendCodeAsync(Wang, wang, face)));
        Assert.Equal((true, false), (await desk.IsVerified(li), await desk.IsVerified(wang)));
    }

    [Fact]
    public async Task Rebinding_WhenTwoAccountsHaveEverythingAtOnce_ThenOneTakesItOverAndTheRecordSaysSo_R_ACC_2()
    {
        await using var desk = await OpenAsync();
        var (li, wang) = await desk.BoundAsync();
        var zhang = await desk.RegisterAsync(Zhang, "19900007703");
        Assert.Equal("bound_to_another", await desk.VerifyAsync(Zhang, zhang));
        var ready = new List<(string User, Guid Person, Guid Face, Guid Code, string Text)>();
        foreach (var (user, person) in ((string, Guid)[])[(Wang, wang), (Zhang, zhang)])
        {
            desk.Pass(TimeSpan.FromMinutes(1));
            var face = await desk.FaceAsync(user, person);
            var sent = await desk.SendCodeAsync(user, person, face);
            ready.Add((user, person, face, sent.Id, desk.CodeTo(PhoneOfLi)));
        }

        var results = await Task.WhenAll(ready.Select(r => Task.Run(async () =>
        {
            try
            {
                await desk.RebindAsync(r.User, r.Person, r.Face, r.Code, r.Text);
                return "moved";
            }
            catch (WorkflowException e)
            {
                return e.Facts.GetValueOrDefault("fault") as string ?? e.Code;
            }
        })));

        Assert.Single(results, "moved");
        // The other one's code went to who doesn't hold it any more, or it was too late by a moment.
        Assert.Single(results, r => r is "code_gone" or ErrorCodes.Conflict);
        Assert.Equal(1L, await desk.Desk.Scalar<long>("select count(*) from approvals.people where verified_at is not null"));
        Assert.Equal((false, 1L), (await desk.IsVerified(li), await desk.Desk.Scalar<long>("select count(*) from approvals.identity_moves")));
    }
}
