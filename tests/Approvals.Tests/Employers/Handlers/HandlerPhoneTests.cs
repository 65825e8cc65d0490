using Talent.Workflows.Approvals.Employers;
using Talent.Workflows.Approvals.Employers.Handlers;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.People.Codes;
using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Approvals.Tests.People.Codes;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Instances;

namespace Talent.Workflows.Approvals.Tests.Employers.Handlers;

public sealed class HandlerPhoneTests
{
    private const string Metro = "emp-metro";
    private const string Handler = "emp-metro-handler";
    private const string Phone = "19900006605";

    [Fact]
    public async Task Phone_WhenItsCodeIsRight_ThenItIsTheHandlersAndMessagesGoThere_R_EMP_3()
    {
        await using var desk = await CaseDesk.OpenAsync();
        var (id, code) = await desk.SentCode(Phone, CodePurpose.PhoneChange);
        var key = new Idempotency("key:test", "phone-1", new byte[32]);

        var view = await Change(desk, Handler, new ChangePhone(Phone, id, code), key);
        var again = await Change(desk, Handler, new ChangePhone(Phone, id, code), key);

        Assert.Equal(("199****6605", Handler), (view.Phone, view.UserId));
        Assert.Equal(view, again);
        Assert.Equal("phone", await desk.Scalar<string>($"select array_to_string(fields, ',') from approvals.directory_changes where subject_id = '{Handler}' order by id desc limit 1"));
        desk.Sent.Clear();
        await desk.Get<HandlerCommands>().ReplaceAsync(desk.As(Handler).Caller, Metro, new ReplaceHandler(Handler, "applicant-li"), null, default);
        await desk.Deliver();
        Assert.Contains(desk.Sent, m => m.To == Phone && m.Event == HandlerNews.Replaced);
    }

    [Fact]
    public async Task Phone_WhenTheCodeIsWrongOrForSomethingElseOrItIsAnothers_ThenItStays_R_EMP_3()
    {
        await using var desk = await CaseDesk.OpenAsync();
        var (login, loginCode) = await desk.SentCode(Phone, CodePurpose.Login);
        var (id, code) = await desk.SentCode(Phone, CodePurpose.PhoneChange, after: TimeSpan.FromMinutes(2));

        foreach (var (given, fault) in ((ChangePhone, string)[])
            [(new(Phone, login, loginCode), "code_gone"), (new(Phone, id, CodeDesk.Other(code)), "code_wrong"), (new("19900006606", id, code), "code_gone")])
            Assert.Equal(fault, (await EmployerDesk.Refused(() => Change(desk, Handler, given))).Facts["fault"]);
        foreach (var other in (string[])["emp-metro-reviewer-1", "bureau-reviewer-1"])
            Assert.Equal(ErrorCodes.Forbidden, (await EmployerDesk.Refused(() => Change(desk, other, new ChangePhone(Phone, id, code)))).Code);
        // Who isn't a handler any more uses up no code.
        await desk.Get<HandlerCommands>().ReplaceAsync(desk.As(Handler).Caller, Metro, new ReplaceHandler(Handler, "applicant-li"), null, default);
        Assert.Equal(ErrorCodes.Forbidden, (await EmployerDesk.Refused(() => Change(desk, Handler, new ChangePhone(Phone, id, code)))).Code);

        var contacts = await desk.Rows($"select {UserContacts.Columns} from approvals.users u where u.id = '{Handler}'", r => UserContacts.Read(r));
        Assert.Equal("19900000018", (await desk.Get<ContactBook>().OpenAsync(contacts, default))[0].Phone);
        Assert.Equal(1, await desk.Scalar<short>($"select tries from approvals.codes where id = '{id}'"));
    }

    private static Task<Approvals.Employers.Profiles.HandlerView> Change(CaseDesk desk, string user, ChangePhone request, Idempotency? idempotency = null) =>
        desk.Get<HandlerCommands>().ChangePhoneAsync(desk.As(user).Caller, Metro, Handler, request, idempotency, default);
}
