using System.Globalization;
using Npgsql;
using Talent.Workflows.Approvals.Employers;
using Talent.Workflows.Approvals.Employers.Associations;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.PersonalData;
using Talent.Workflows.Bench.Measuring;

namespace Talent.Workflows.Bench.Scenarios;

/// <summary>An officer of the bureau looks for people among very many: by one and two characters of the name, and by whole numbers.</summary>
internal sealed class FindPeople(BenchHost host, Report report)
{
    private const double MostMs = 50;
    private const int Batch = 1_000;
    private const string Surnames = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎";
    private const string Given = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂英华玉萍红建文斌国辉志梅林海燕春晓东宇浩凯健俊帆雪琳晨旭欣怡佳慧";
    private const int Employees = 5_000;
    private const int Employers = 5_000;
    private static readonly Caller Handler = new("key:bench", "u-handler", new HashSet<string>(), null, null, null);
    private static readonly Caller Officer = new("key:bench", "u-officer", new HashSet<string>(), null, null, null);

    public async Task RunAsync(int people, int repetitions)
    {
        host.Get<Cursors>().Use(new byte[32]);
        await ExecuteAsync("""
            insert into approvals.organisations (id, kind, name_zh, name_en, region) values ('org-bureau', 'bureau', '示例局', 'Bureau', '110000'), ('org-people', 'employer', '示例单位', 'Employer', '110000');
            insert into approvals.users (id, name, organisation_id) values ('u-officer', '赵样本', 'org-bureau');
            insert into approvals.user_roles values ('u-officer', 'bureau.reviewer', 'org-bureau');
            """);
        var ring = await host.Get<DataKeys>().ReadAsync(default);
        for (var from = 0; from < people; from += Batch)
            await SeedAsync(ring, from, Math.Min(Batch, people - from));
        await ExecuteAsync($"""
            insert into approvals.organisations (id, kind, name_zh, name_en, region) values ('org-large', 'employer', '示例大单位', 'Large employer', '110000');
            insert into approvals.users (id, name, organisation_id) values ('u-handler', '卫样例', 'org-large');
            insert into approvals.user_roles values ('u-handler', 'employer.handler', 'org-large');
            insert into approvals.associations (id, user_id, employer_id, department, position, began_at)
            select gen_random_uuid(), u.id, case when n.i < {Employees} then 'org-large' else 'org-people' end, '部门' || n.i % 40, '职位' || n.i % 100, now() - make_interval(mins => n.i)
            from approvals.users u cross join lateral (select substr(u.id, 3)::integer as i) n where u.id ~ '^u-[0-9]+$';
            """);
        await SeedEmployersAsync();
        await ExecuteAsync("vacuum analyze approvals.people, approvals.users, approvals.associations, approvals.organisations, approvals.association_codes");
        var reader = host.Get<PersonReader>();
        var organisations = host.Get<DirectoryLists>();
        var codes = host.Get<AssociationCodes>();
        await MeasureAsync(repetitions, "employers_by_one_character_ms", i => organisations.OrganisationsAsync("employer", null, null, $"{Given[i % Given.Length]}", null, null, 50, default));
        await MeasureAsync(repetitions, "employers_by_two_characters_ms", i => organisations.OrganisationsAsync("employer", null, null, $"{Given[i % Given.Length]}{Surnames[i % Surnames.Length]}", null, null, 50, default));
        await MeasureAsync(repetitions, "employers_by_credit_code_ms", i => organisations.OrganisationsAsync(null, null, null, null, UnifiedSocialCreditCode.Fictitious(i * 37 % Employers).Value, null, 50, default));
        // As people each: who looks up too often is refused.
        await MeasureAsync(repetitions, "employer_by_association_code_ms", i => codes.LookUpAsync(Officer with { User = $"u-{i}" }, Code(i * 37 % Employers), default));
        await MeasureAsync(repetitions, "employees_first_page_ms", _ => new EmployeeSearch());
        await MeasureAsync(repetitions, "employees_by_name_ms", i => new EmployeeSearch(Name: $"{Given[i % Given.Length]}"));
        await MeasureAsync(repetitions, "employees_by_position_ms", i => new EmployeeSearch(Department: $"部门{i % 40}", Position: $"职位{i % 100}"));
        foreach (var (name, search) in ((string, Func<int, PersonSearch>)[])
        [
            ("people_by_one_character_ms", i => new PersonSearch(Name: $"{Surnames[i % Surnames.Length]}")),
            ("people_by_two_characters_ms", i => new PersonSearch(Name: $"{Given[i % Given.Length]}{Given[i * 7 % Given.Length]}")),
            ("people_by_whole_name_ms", i => new PersonSearch(Name: Name(i * 37 % people))),
            ("people_by_id_number_ms", i => new PersonSearch(ResidentId: Number(i * 37 % people).Value)),
            ("people_by_phone_ms", i => new PersonSearch(Phone: Phone(i * 37 % people))),
        ])
        {
            await MeasureAsync(repetitions, name, i => reader.SearchAsync(Officer, search(i), default));
        }
        Report.Note($"{people:N0} people, {Employees:N0} of them at one employer; {Employers:N0} employers; pages of 50");
    }

    private Task MeasureAsync(int repetitions, string name, Func<int, EmployeeSearch> search) =>
        MeasureAsync(repetitions, name, i => host.Get<EmployeeReader>().SearchAsync(Handler, "org-large", search(i), default));

    private async Task MeasureAsync(int repetitions, string name, Func<int, Task> search) => report.Add(Row.OfReads(name, await Load.OneByOneAsync(repetitions, 10, search), MostMs));

    private static string Name(int i) => $"{Surnames[i % Surnames.Length]}{Given[i / Surnames.Length % Given.Length]}{Given[(i / Surnames.Length / Given.Length + i) % Given.Length]}";

    private static ResidentId Number(int i) => ResidentId.Fictitious(new DateOnly(1960, 1, 1).AddDays(i / 1000), i % 1000);

    private static string Phone(int i) => string.Create(CultureInfo.InvariantCulture, $"199{i:00000000}");

    /// <summary>A code of the length and letters of an association code.</summary>
    private static string Code(int i) => string.Concat(Enumerable.Range(0, AssociationCode.Length).Select(place => AssociationCode.Alphabet[(int)(i / Math.Pow(AssociationCode.Alphabet.Length, place)) % AssociationCode.Alphabet.Length]));

    private async Task SeedEmployersAsync()
    {
        await using var command = host.Database.CreateCommand("""
            with employers as (
                insert into approvals.organisations (id, kind, name_zh, name_en, region, uscc)
                select 'emp-' || e.i, 'employer', e.name, 'Example Technology ' || e.i, '110000', e.uscc from unnest($1::text[], $2::text[]) with ordinality e(name, uscc, i) returning id),
            responsible as (insert into approvals.responsibilities select id, 'org-bureau' from employers)
            insert into approvals.association_codes (employer_id, code, made_at) select 'emp-' || c.i, c.code, now() from unnest($3::text[]) with ordinality c(code, i)
            """);
        foreach (var values in (string[][])
        [
            [.. Enumerable.Range(0, Employers).Select(i => $"示例{Given[i % Given.Length]}{Surnames[i % Surnames.Length]}科技有限公司{i}")],
            [.. Enumerable.Range(0, Employers).Select(i => UnifiedSocialCreditCode.Fictitious(i).Value)],
            [.. Enumerable.Range(0, Employers).Select(Code)],
        ])
            command.Parameters.Add(new NpgsqlParameter { Value = values });
        await command.ExecuteNonQueryAsync();
    }

    private async Task SeedAsync(KeyRing ring, int from, int count)
    {
        var table = host.Get<IEnumerable<SealedTable>>().Single(t => t.Name == "people");
        var rows = Enumerable.Range(from, count).Select(i =>
        {
            _ = PhoneNumber.TryParse(Phone(i), out var phone, out _);
            return (Id: Guid.CreateVersion7(DateTimeOffset.UnixEpoch.AddMilliseconds(i)), User: $"u-{i}", Name: Name(i), Number: Number(i), Phone: phone!);
        }).ToArray();
        await using var command = host.Database.CreateCommand("""
            with people as (select * from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::bytea[], $6::bytea[], $7::bytea[], $8::bytea[]) p(id, user_id, name, grams, number, phone, number_index, phone_index)),
            users as (insert into approvals.users (id, name, organisation_id) select user_id, name, 'org-people' from people)
            insert into approvals.people (id, user_id, name, name_folded, name_grams, key_id, resident_id, phone, resident_id_index, phone_index, created_at, created_by, changed_at)
            select id, user_id, name, name, string_to_array(grams, ' '), $9, number, phone, number_index, phone_index, now(), 'bench', now() from people
            """);
        foreach (var value in (object[])
        [
            rows.Select(r => r.Id).ToArray(), rows.Select(r => r.User).ToArray(), rows.Select(r => r.Name).ToArray(), rows.Select(r => string.Join(' ', NameGrams.Of(r.Name))).ToArray(),
            rows.Select(r => ring.Seal(r.Number.Value, table.At("resident_id", r.Id))).ToArray(), rows.Select(r => ring.Seal(r.Phone.Value, table.At("phone", r.Id))).ToArray(),
            rows.Select(r => ring.Index(r.Number)).ToArray(), rows.Select(r => ring.Index(r.Phone)).ToArray(), ring.Current,
        ])
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        await command.ExecuteNonQueryAsync();
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var command = host.Database.CreateCommand(sql);
        command.CommandTimeout = 600;
        await command.ExecuteNonQueryAsync();
    }
}
