using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Talent.Workflows.Approvals.Integrations.Face;
using Talent.Workflows.Approvals.Integrations.Identity;
using Talent.Workflows.Approvals.Integrations.Outside;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.People.Codes;
using Talent.Workflows.Approvals.People.Faces;
using Talent.Workflows.Approvals.People.RealName;
using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Approvals.Tests.Integrations;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Approvals.Tests.People.RealName;

/// <summary>People, and the offices that verify identities and faces, over HTTP. Numbers are nobody's; the sequence in them says what the offices answer.</summary>
internal sealed class RealNameDesk : IAsyncDisposable
{
    public const string Li = "applicant-li", Wang = "applicant-wang", Zhang = "applicant-zhang", Liu = "applicant-liu", Huang = "applicant-huang", Lin = "applicant-lin";
    public const string Name = "李示例";
    public const string PhoneOfLi = PersonDesk.PhoneOfLi;

    /// <summary>What the images of challenges show, as far as the database knows.</summary>
    private const string Answer = "ACE79";

    private readonly OfficeServer server;

    private RealNameDesk(PersonDesk people, OfficeServer server) => (People, this.server) = (people, server);

    public PersonDesk People { get; }
    public CaseDesk Desk => People.Desk;

    /// <summary>Both offices.</summary>
    public OutsideSimulator Office => server.Office;

    /// <summary>Where the face office calls.</summary>
    public Uri Callback => new(server.Url + FaceCallback.Path);

    public static string Number { get; } = PersonDesk.NumberOf(25);

    public static async Task<RealNameDesk> OpenAsync()
    {
        var options = OfficeServer.Key();
        var people = await PersonDesk.OpenAsync(services =>
        {
            services.AddSingleton<IIdentityVerification>(s => new IdentityClient(OfficeServer.ClientOf(options, "identity verification", s.GetRequiredService<TimeProvider>())));
            services.AddSingleton<IFaceVerification>(s => new FaceClient(OfficeServer.ClientOf(options, "face verification", s.GetRequiredService<TimeProvider>()), new FaceOptions()));
            services.AddOptions<OutsideOptions>(FaceCallback.Section).Configure(o => (o.AccessKeyId, o.AccessKeySecret) = (options.AccessKeyId, options.AccessKeySecret));
        });
        var server = await OfficeServer.OpenAsync((routes, office) =>
        {
            IdentitySimulator.Map(routes, office);
            new FaceSimulator(new FaceOptions(), people.Desk.Time).Map(routes, office);
            routes.MapPost(FaceCallback.Path, async (HttpContext http, CancellationToken stop) =>
            {
                try
                {
                    return Results.Json(await people.Desk.Get<FaceCallback>().ReceiveAsync(http.Request, stop));
                }
                catch (WorkflowException e)
                {
                    return Results.Text(e.Code, statusCode: e.Code switch { ErrorCodes.Unauthorized => 401, ErrorCodes.NotFound => 404, _ => 400 });
                }
            });
        }, options, people.Desk.Time);
        return new RealNameDesk(people, server);
    }

    public void Pass(TimeSpan time) => Desk.Time.SetTo(Desk.Time.GetUtcNow() + time);

    /// <summary>Somebody who has registered with their telephone, and no number yet.</summary>
    public Task<Guid> RegisterAsync(string user, string phone) => People.Register(user, Name, phone: phone);

    /// <summary>Has a verification begun, and doesn't wait for it.</summary>
    public Task AskAsync(string user, Guid person, string? name = Name, string? number = null) =>
        Desk.Get<RealNameCommands>().StartAsync(People.As(user), person, new NewVerification(name, number ?? Number), null, default);

    public async Task<string> VerifyAsync(string user, Guid person, string? name = Name, string? number = null)
    {
        await AskAsync(user, person, name, number);
        await Desk.Deliver();
        return (await ReadAsync(user, person)).State;
    }

    public Task<VerificationView> ReadAsync(string user, Guid person) => Desk.Get<RealNameReader>().ReadAsync(People.As(user), person, default);

    /// <summary>Li is verified, with a telephone; Wang claims the same, and is told that it is bound.</summary>
    public async Task<(Guid Li, Guid Wang)> BoundAsync(string? number = null)
    {
        var (li, wang) = (await RegisterAsync(Li, PhoneOfLi), await RegisterAsync(Wang, "19900007702"));
        Assert.Equal("verified", await VerifyAsync(Li, li, number: number));
        Assert.Equal("bound_to_another", await VerifyAsync(Wang, wang, number: number));
        return (li, wang);
    }

    public Task<Guid> BeginFaceAsync(string user, Guid person, string purpose) => Desk.Get<FaceChecks>().BeginAsync(People.As(user), person, new NewFaceCheck(purpose), null, default);

    public Task<FaceCheckView> ReadFaceAsync(string user, Guid person, Guid check) => Desk.Get<FaceChecks>().ReadAsync(People.As(user), person, check, default);

    /// <summary>A face check whose code was scanned.</summary>
    public async Task<Guid> FaceAsync(string user, Guid person, string purpose = FacePurposes.Rebinding)
    {
        var check = await BeginFaceAsync(user, person, purpose);
        Pass(FaceSimulator.Takes);
        Assert.NotEqual("waiting", (await ReadFaceAsync(user, person, check)).State);
        return check;
    }

    /// <summary>The token of a face check that waits, as the office has it.</summary>
    public Task<string> TokenAsync(Guid check) => Desk.Scalar<string>($"select token from approvals.face_checks where id = '{check}'");

    public async Task<SentRebindingCode> SendCodeAsync(string user, Guid person, Guid face)
    {
        var challenge = await ChallengeAsync();
        var sent = await Desk.Get<Rebinding>().SendCodeAsync(People.As(user), person, new RebindingCodeRequest(face, challenge, Answer), "zh-CN", null, default);
        await Desk.Deliver();
        return sent;
    }

    public Task RebindAsync(string user, Guid person, Guid face, Guid code, string text) =>
        Desk.Get<Rebinding>().RebindAsync(People.As(user), person, new RebindRequest(face, code, text), null, default);

    /// <summary>A code that somebody has sent to their own telephone.</summary>
    public async Task<Guid> OwnCodeAsync(string phone, CodePurpose purpose)
    {
        Assert.True(PhoneNumber.TryParse(phone, out var number, out _));
        var sent = await Desk.Get<VerificationCodes>().IssueAsync(await ChallengeAsync(), Answer, number, purpose, "zh-CN", null, default);
        await Desk.Deliver();
        return sent.Id;
    }

    /// <summary>What the last SMS with a code to a telephone says.</summary>
    public string CodeTo(string phone) => Desk.Sent.Last(m => m.To == phone && m.Params.ContainsKey("code")).Params["code"];

    public async Task<bool> IsVerified(Guid person) => await Desk.Scalar<bool>($"select verified_at is not null from approvals.people where id = '{person}'");

    /// <summary>The reason, fault or limit that a call was refused with, else its code.</summary>
    public static async Task<string> RefusalOf(Func<Task> call)
    {
        var refusal = await Assert.ThrowsAsync<WorkflowException>(call);
        return (refusal.Facts.GetValueOrDefault("reason") ?? refusal.Facts.GetValueOrDefault("fault") ?? refusal.Facts.GetValueOrDefault("limit") ?? refusal.Code).ToString()!;
    }

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        await People.DisposeAsync();
    }

    private async Task<Guid> ChallengeAsync()
    {
        var made = await Desk.Get<VerificationCodes>().ChallengeAsync(null, default);
        await Desk.Execute($"update approvals.code_challenges set answer = '\\x{Convert.ToHexString(Desk.Get<CodeKey>().Answer(made.Id, Answer))}' where id = '{made.Id}'");
        return made.Id;
    }
}
