using System.Text.Json;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.People.Codes;
using Talent.Workflows.Approvals.Tests.People.Codes;
using Talent.Workflows.Approvals.Tests.People.Profiles;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Instances;

namespace Talent.Workflows.Approvals.Tests.People;

public sealed class PersonTests
{
    [Fact]
    public async Task Tables_WhenPeopleHaveRegisteredFilledInRevealedAndRotated_ThenNoneHoldsTheirNumbers_R_AUD_2()
    {
        await using var desk = await PersonDesk.OpenAsync();
        var id = await desk.RegisterLi();
        await desk.FillAsync("applicant-li", id);
        await desk.Commands.SubmitAsync(desk.As("applicant-li"), id, null, default);
        await desk.Revealed("applicant-li", id, "residentId", $"核对 {PersonDesk.NumberOf(25)}");
        await desk.Found("bureau-reviewer-1", new PersonSearch(Phone: PersonDesk.PhoneOfLi));
        await desk.Keys.RotateAsync(default);
        await desk.Reencryption.RunAsync(default);

        var dump = await desk.DumpAsync();

        Assert.Contains("李示例", dump["approvals.people"], StringComparison.Ordinal); // what is searched is really there
        Assert.Contains("思想政治教育", dump["approvals.person_steps"], StringComparison.Ordinal);
        Assert.Contains("residentId", dump["approvals.data_reads"], StringComparison.Ordinal);
        string[] numbers = [PersonDesk.NumberOf(25), PersonDesk.PhoneOfLi, PersonDesk.MailOfLi, .. Profile.Personal];
        foreach (var (table, text) in dump)
            Assert.All(numbers.SelectMany(PersonDesk.Spellings), number => Assert.False(text.Contains(number, StringComparison.OrdinalIgnoreCase), $"{table} holds {number}."));
    }

    [Fact]
    public async Task Register_WhenRead_ThenNumbersAreMaskedForEverybody_R_AUD_2()
    {
        await using var desk = await PersonDesk.OpenAsync();
        var id = await desk.RegisterLi();
        await desk.FillAsync("applicant-li", id);

        foreach (var user in (string[])["applicant-li", "emp-metro-handler", "unit-assets-reviewer-1", "bureau-reviewer-1"])
        {
            var view = await desk.Reader.ReadAsync(desk.As(user), id, default);
            var number = PersonDesk.NumberOf(25);
            Assert.Equal(("李示例", $"{number[..6]}********{number[^4..]}", "199****7701", "L***@private.example.cn"), (view.Name, view.ResidentId, view.Phone, view.Email));
            var text = JsonSerializer.Serialize(view.Steps);
            Assert.All((string[])[Profile.EmergencyPhone, Profile.ReferencePhone, Profile.Certificate], secret => Assert.DoesNotContain(secret, text, StringComparison.Ordinal));
            Assert.Contains("199****9911", text, StringComparison.Ordinal);
            Assert.Contains("199****9922", text, StringComparison.Ordinal);
        }
        Assert.Equal(["save", "save", "save", "save", "save", "submit", "verify"], (await desk.Reader.ReadAsync(desk.As("applicant-li"), id, default)).NextActions.Select(a => a.Action));
        Assert.Empty((await desk.Reader.ReadAsync(desk.As("bureau-reviewer-1"), id, default)).NextActions);
    }

    [Fact]
    public async Task Phone_WhenChanged_ThenItTakesTheCodeThatWasSentToTheNewOne_R_ACC_1()
    {
        const string Other = "19900007788";
        await using var desk = await PersonDesk.OpenAsync();
        var id = await desk.RegisterLi();
        var (login, loginCode) = await desk.Desk.SentCode(Other, CodePurpose.Login);
        var (sent, code) = await desk.Desk.SentCode(Other, CodePurpose.PhoneChange, after: TimeSpan.FromMinutes(2));
        Task Change(PersonChange change, long? ifVersion = null) => desk.Commands.ChangeAsync(desk.As("applicant-li"), id, change, ifVersion, default);

        Assert.Equal("codeId", ((IReadOnlyList<FormError>)(await Refused(() => Change(new PersonChange(Phone: Other)))).Facts["errors"]!).Single().Path);
        Assert.Equal("code", ((IReadOnlyList<FormError>)(await Refused(() => Change(new PersonChange(Phone: Other, CodeId: sent)))).Facts["errors"]!).Single().Path);
        foreach (var (change, fault) in ((PersonChange, string)[])
            [(new(Phone: Other, CodeId: login, Code: loginCode), "code_gone"), (new(Phone: Other, CodeId: sent, Code: CodeDesk.Other(code)), "code_wrong"), (new(Phone: "19900007789", CodeId: sent, Code: code), "code_gone")])
            Assert.Equal(fault, (await Refused(() => Change(change))).Facts["fault"]);
        // What can't be done for another reason uses up no code.
        Assert.Equal(ErrorCodes.PreconditionFailed, (await Refused(() => Change(new PersonChange(Phone: Other, CodeId: sent, Code: code), ifVersion: 99))).Code);
        Assert.Equal("199****7701", (await desk.Reader.ReadAsync(desk.As("applicant-li"), id, default)).Phone);

        await Change(new PersonChange(Phone: Other, CodeId: sent, Code: code));
        await Change(new PersonChange(Phone: Other, CodeId: sent, Code: code)); // repeated, it says nothing new

        Assert.Equal("199****7788", (await desk.Reader.ReadAsync(desk.As("applicant-li"), id, default)).Phone);

        static async Task<WorkflowException> Refused(Func<Task> act) => await Assert.ThrowsAsync<WorkflowException>(act);
    }

    [Fact]
    public async Task Read_WhenThePersonIsntTheCallersToSee_ThenThereIsNone_R_AUD_2()
    {
        await using var desk = await PersonDesk.OpenAsync();
        var id = await desk.RegisterLi();
        var bureau = desk.As("bureau-reviewer-1");
        (Caller Caller, bool Sees)[] callers =
        [
            (desk.As("applicant-li"), true), (desk.As("emp-metro-reviewer-1"), true), (desk.As("unit-assets-reviewer-1"), true), (bureau, true),
            (desk.As("applicant-wang"), false), (desk.As("emp-water-reviewer-1"), false), (desk.As("unit-health-reviewer-1"), false), (desk.As("expert-10"), false),
            (bureau with { Organisations = new HashSet<string> { "bureau" } }, true), (bureau with { Organisations = new HashSet<string> { "emp-metro" } }, false),
            (bureau with { Roles = new HashSet<string> { "unit.reviewer" } }, false),
            (desk.As("applicant-li") with { Roles = new HashSet<string> { "employer.handler" } }, false),
            (bureau with { User = null }, true), (bureau with { User = null, Organisations = new HashSet<string> { "emp-metro" } }, true), (bureau with { User = null, Organisations = new HashSet<string> { "emp-water" } }, false),
        ];

        foreach (var (caller, sees) in callers)
        {
            if (sees)
                Assert.Equal(id, (await desk.Reader.ReadAsync(caller, id, default)).Id);
            else
                Assert.Equal(ErrorCodes.NotFound, (await Assert.ThrowsAsync<WorkflowException>(() => desk.Reader.ReadAsync(caller, id, default))).Code);
            foreach (var search in (PersonSearch[])[new(Name: "示"), new(ResidentId: PersonDesk.NumberOf(25)), new(Phone: PersonDesk.PhoneOfLi), new(Email: PersonDesk.MailOfLi)])
                Assert.Equal(sees ? 1 : 0, (await desk.Reader.SearchAsync(caller, search, default)).Items.Count);
        }
    }

    [Fact]
    public async Task Search_WhenKeysWereRotated_ThenEveryNumberIsFoundBeforeAndAfterReencryption_R_AUD_2()
    {
        await using var desk = await PersonDesk.OpenAsync();
        await desk.RegisterLi();
        await desk.Keys.RotateAsync(default);
        await desk.Register("applicant-wang", "王样本", PersonDesk.NumberOf(26), "19900007702", "wang@private.example.cn");

        for (var round = 0; round < 2; round++)
        {
            Assert.Equal(["applicant-li"], await desk.Found("bureau-reviewer-1", new(ResidentId: $" {PersonDesk.NumberOf(25).ToLowerInvariant()}")));
            Assert.Equal(["applicant-wang"], await desk.Found("bureau-reviewer-1", new(ResidentId: PersonDesk.NumberOf(26))));
            Assert.Equal(["applicant-li"], await desk.Found("bureau-reviewer-1", new(Phone: "+86 199 0000 7701")));
            Assert.Equal(["applicant-li"], await desk.Found("bureau-reviewer-1", new(Email: PersonDesk.MailOfLi.ToUpperInvariant())));
            Assert.Empty(await desk.Found("bureau-reviewer-1", new(Phone: "19900007703")));
            Assert.Equal(round == 0, (await desk.Reencryption.RunAsync(default)).Changed > 0);
        }
        Assert.Equal(0L, await desk.Desk.Scalar<long>("select count(*) from approvals.people where key_id <> 2"));
    }

    [Fact]
    public async Task Search_WhenByAFragmentOfTheName_ThenOneCharacterTwoAndMoreFindIt_R_AUD_2()
    {
        await using var desk = await PersonDesk.OpenAsync();
        await desk.Register("applicant-li", "欧阳示例");
        await desk.Register("applicant-wang", "阳欧样本");
        await desk.Register("applicant-zhang", "阿里木·买买提");
        await desk.Register("applicant-liu", "示阳阳例欧阳");

        Assert.Equal(["applicant-liu", "applicant-wang", "applicant-li"], await desk.Found("bureau-reviewer-1", new(Name: "阳")));
        Assert.Equal(["applicant-liu", "applicant-li"], await desk.Found("bureau-reviewer-1", new(Name: "欧阳")));
        Assert.Equal(["applicant-li"], await desk.Found("bureau-reviewer-1", new(Name: "欧阳示例")));
        Assert.Equal(["applicant-zhang"], await desk.Found("bureau-reviewer-1", new(Name: "木买")));
        Assert.Equal(["applicant-zhang"], await desk.Found("bureau-reviewer-1", new(Name: "阿里木•买")));
        Assert.Empty(await desk.Found("bureau-reviewer-1", new(Name: "阳例欧样")));
        Assert.Empty(await desk.Found("bureau-reviewer-1", new(Name: "%")));
        // All pairs are there, but not in this order.
        Assert.Empty(await desk.Found("bureau-reviewer-1", new(Name: "阳阳阳")));
    }

    [Fact]
    public async Task Search_WhenPaged_ThenEachIsListedOnceAndTheCursorFitsNothingElse()
    {
        await using var desk = await PersonDesk.OpenAsync();
        foreach (var user in (string[])["applicant-li", "applicant-wang", "applicant-zhang"])
            await desk.Register(user, "同名同姓");
        var caller = desk.As("bureau-reviewer-1");

        var first = await desk.Reader.SearchAsync(caller, new(Name: "同", Limit: 2), default);
        var second = await desk.Reader.SearchAsync(caller, new(Name: "同", Limit: 2, Cursor: first.Next), default);

        Assert.Equal(["applicant-zhang", "applicant-wang", "applicant-li"], first.Items.Concat(second.Items).Select(p => p.UserId));
        Assert.Null(second.Next);
        foreach (var wrong in (PersonSearch[])[new(Name: "名", Cursor: first.Next), new(Name: "同", Limit: 0), new(Name: "同", Limit: 201), new(), new(Name: "同", Phone: "19900007701"), new(Name: " · "),
            new(ResidentId: "110105194912310020"), new(Phone: "199"), new(Email: "x"), new(Name: new string('同', 51))])
            Assert.Equal(ErrorCodes.InvalidRequest, (await Assert.ThrowsAsync<WorkflowException>(() => desk.Reader.SearchAsync(caller, wrong, default))).Code);
    }

    [Fact]
    public async Task Search_WhenThereAreManyPeople_ThenAnIndexFindsThem_R_AUD_2()
    {
        await using var desk = await PersonDesk.OpenAsync();
        await desk.RegisterLi();
        await desk.Desk.Execute("""
            insert into approvals.users (id, name, organisation_id) select 'many-' || n, 'x', 'emp-metro' from generate_series(1, 20000) n;
            insert into approvals.people (id, user_id, name, name_folded, name_grams, key_id, resident_id_index, phone_index, created_at, created_by, changed_at)
            select gen_random_uuid(), 'many-' || n, t, t, array[a, b, a || b], 1, sha256(('r' || n)::bytea), sha256(('p' || n)::bytea), now(), 'test', now()
            from generate_series(1, 20000) n cross join lateral (select chr(19968 + n % 211) a, chr(19968 + 300 + n % 97) b) c cross join lateral (select a || b t) d;
            analyze approvals.people;
            """);

        foreach (var (condition, index) in ((string, string)[])[("p.name_grams @> array['李示']", "people_name"), ("p.resident_id_index = '\\x00'", "people_resident_id"), ("p.phone_index = '\\x00'", "people_phone"), ("p.email_index = '\\x00'", "people_email"), ("p.key_id < 1", "people_key")])
        {
            await using var command = desk.Desk.Database.CreateCommand($"explain select * from approvals.people p where {condition} order by p.id desc limit 50");
            await using var reader = await command.ExecuteReaderAsync();
            var plan = new List<string>();
            while (await reader.ReadAsync())
                plan.Add(reader.GetString(0));
            Assert.True(plan.Exists(line => line.Contains(index, StringComparison.Ordinal)), string.Join('\n', plan));
        }
        Assert.Equal(["applicant-li"], await desk.Found("bureau-reviewer-1", new(Name: "李示")));
    }

    [Fact]
    public async Task Register_WhenRepeatedOrWrong_ThenOncePerUserAndEveryFaultAtOnce_R_ACC_2()
    {
        await using var desk = await PersonDesk.OpenAsync();
        var key = new Idempotency("key:test", "register-1", [1]);
        var request = new NewPerson("李示例", PersonDesk.NumberOf(25), "+86 19900007701");
        var id = await desk.Commands.RegisterAsync(desk.As("applicant-li"), request, key, default);

        Assert.Equal(id, await desk.Commands.RegisterAsync(desk.As("applicant-li"), request with { Phone = "19900007701" }, key, default));
        Assert.Equal(ErrorCodes.IdempotencyKeyReused, (await Refused(() => desk.Commands.RegisterAsync(desk.As("applicant-li"), request with { Name = "别人" }, key, default))).Code);
        Assert.Equal(ErrorCodes.IdempotencyKeyReused, (await Refused(() => desk.Commands.RegisterAsync(desk.As("applicant-wang"), request, key, default))).Code);
        var again = await Refused(() => desk.RegisterLi());
        Assert.Equal((ErrorCodes.Conflict, (object?)id), (again.Code, again.Facts["personId"]));
        var wrong = await Refused(() => desk.Register("applicant-wang", " ", "110105194912310020", "199", "x"));
        var errors = Assert.IsAssignableFrom<IReadOnlyList<Talent.Workflows.Approvals.Cases.Forms.FormError>>(wrong.Facts["errors"]);
        Assert.Equal([("name", "bad_text"), ("residentId", "id_check"), ("phone", "phone_format"), ("email", "email_format")], errors.Select(e => (e.Path, e.Code)));
        Assert.Equal(1L, await desk.Desk.Scalar<long>("select count(*) from approvals.people"));
    }

    [Fact]
    public async Task Register_WhenTheKeyIsntForThePersonsOrganisationOrRole_ThenItIsRefused_R_ACC_2()
    {
        await using var desk = await PersonDesk.OpenAsync();
        var caller = desk.As("applicant-li");

        foreach (var limited in (Caller[])[caller with { Organisations = new HashSet<string> { "emp-water" } }, caller with { Roles = new HashSet<string> { "employer.handler" } }])
            Assert.Equal(ErrorCodes.Forbidden, (await Refused(() => desk.Commands.RegisterAsync(limited, new NewPerson("李示例"), null, default))).Code);
        var id = await desk.Commands.RegisterAsync(caller with { Organisations = new HashSet<string> { "emp-metro" }, Roles = new HashSet<string> { "applicant" } }, new NewPerson("李示例"), null, default);
        Assert.Equal(id, (await desk.Reader.ReadOwnAsync(caller, default)).Id);
    }

    [Fact]
    public async Task Row_WhenValuesAreSwappedOrChangedInTheDatabase_ThenTheyArentShown_R_AUD_2()
    {
        await using var desk = await PersonDesk.OpenAsync();
        var li = await desk.RegisterLi();
        var wang = await desk.Register("applicant-wang", "王样本", PersonDesk.NumberOf(26), "19900007702");
        foreach (var change in (string[])
            [
                "update approvals.people p set phone = o.phone from approvals.people o where o.id <> p.id",
                "update approvals.people p set phone = resident_id",
                "update approvals.people p set phone = set_byte(phone, 25, get_byte(phone, 25) # 1)",
            ])
        {
            await desk.Desk.Execute("create table kept as select id, phone from approvals.people");
            await desk.Desk.Execute(change);
            foreach (var id in (Guid[])[li, wang])
                await Assert.ThrowsAsync<Talent.Workflows.Approvals.PersonalData.SealedValueException>(() => desk.Reader.ReadAsync(desk.As("bureau-reviewer-1"), id, default));
            await desk.Desk.Execute("update approvals.people p set phone = k.phone from kept k where k.id = p.id; drop table kept");
        }
        Assert.Equal("199****7701", (await desk.Reader.ReadAsync(desk.As("bureau-reviewer-1"), li, default)).Phone);
    }

    private static Task<WorkflowException> Refused(Func<Task> act) => Assert.ThrowsAsync<WorkflowException>(act);
}
