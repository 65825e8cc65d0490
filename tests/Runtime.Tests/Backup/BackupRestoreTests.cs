using System.Globalization;
using System.IO.Compression;
using System.Text;
using Npgsql;
using Talent.Workflows.Runtime.Backup;

namespace Talent.Workflows.Runtime.Tests.Backup;

public sealed class BackupRestoreTests : IAsyncLifetime, IDisposable
{
    private const string Fill = """"
        insert into sample.person (name, mood, score, ratio, born, seen, wait, tags, facts, plain, photo, token, address, range, active)
        select
            'person ' || n || E' \t tab \n line \\ backslash "quote" ''single'' 汉字𠮷',
            case when n % 2 = 0 then 'calm' else 'hurried' end::sample.mood,
            nullif(n % 101, 7),
            case n % 5 when 0 then 'NaN' when 1 then '-Infinity' when 2 then 0.1 + 0.2 else n / 3.0 end,
            date '0044-03-15 BC' + n * 1000,
            timestamptz '2026-01-01 00:00:00.123456+08' + n * interval '1 hour',
            interval '1 year 2 months 3 days 04:05:06.789' * n,
            array['', 'NULL', '\N', 'a,b', E'{"x"}', null],
            jsonb_build_object('n', n, 'text', E'\u0001\t', 'deep', jsonb_build_array(1.10, null, true)),
            '{"b": 1,   "a": 2, "a": 3}',
            decode(md5(n::text), 'hex') || '\x00ff0a0d09'::bytea,
            md5(n::text)::uuid, ('10.0.0.' || n % 250)::inet, tstzrange('2026-01-01', null, '[)'), nullif(n % 3 = 0, n % 7 = 0)
        from generate_series(1, 500) n;
        update sample.person set mentor = id % 10 + 1;
        insert into sample.person (name) values (''), ('\N'), ('\.');
        insert into sample.note (person_id, text) select id, repeat('长', 3000) from sample.person limit 50;
        update sample.office set head = null;
        insert into sample.clerk (id, office) values (7, 1);
        update sample.office set head = 7;
        insert into sample.event select n, date '2025-12-01' + n, 'event' from generate_series(1, 60) n;
        insert into "Odd ""schema"""."Odd ""table""" values (1, E'x\ry', '值'), (2, null, '');
        insert into sample.no_columns default values;
        insert into sample.no_columns default values;
        insert into sample.scratch values (1);
        insert into quartz.qrtz_locks values ('TRIGGER_ACCESS');
        select nextval('sample.case_number'), nextval('sample.case_number');
        refresh materialized view sample.summary;
        """";

    private readonly TemporaryFolder folder = new();
    private TestDatabase source = null!;

    public async Task InitializeAsync()
    {
        source = await TestDatabase.CreateAsync(typeof(BackupRestoreTests).Assembly);
        await ExecuteAsync(source, Fill);
    }

    public async Task DisposeAsync() => await source.DisposeAsync();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Restore_WhenTheTargetIsFresh_ThenEveryTableSequenceAndViewIsEqual()
    {
        var file = Path.Combine(folder.Path, "talent.zip");
        var manifest = await DatabaseBackup.WriteAsync(source.DataSource, file, new BackupOptions(), CancellationToken.None);
        await using var target = await FreshAsync();

        var restored = await DatabaseRestore.ReadAsync(target.DataSource, file, new RestoreOptions(), CancellationToken.None);

        Assert.Equal(503, manifest.Tables.Single(table => table.Name == "person").Rows);
        Assert.Equal(manifest.Tables.Select(table => table.Sha256), restored.Tables.Select(table => table.Sha256));
        Assert.Equal(await DescribeAsync(source), await DescribeAsync(target));
        Assert.Equal("0", await AskAsync(target, "select count(*) from quartz.qrtz_locks"));
        Assert.Equal("503", await AskAsync(target, "select people from sample.summary"));
        Assert.Equal("1002", await AskAsync(target, "select nextval('sample.case_number')"));
        Assert.Equal("504", await AskAsync(target, "insert into sample.person (name) values ('next') returning id"));
        Assert.Equal("350", await AskAsync(target, "insert into sample.note (person_id) values (1) returning id"));
    }

    [Fact]
    public async Task Restore_WhenARestoredDatabaseIsBackedUpAgain_ThenTheBackupHoldsTheSame()
    {
        var first = await BackUpAsync();
        await using var target = await FreshAsync();
        await DatabaseRestore.ReadAsync(target.DataSource, first, new RestoreOptions(), CancellationToken.None);

        using var second = new MemoryStream();
        var again = await DatabaseBackup.WriteAsync(target.DataSource, second, new BackupOptions(), CancellationToken.None);

        first.Position = 0;
        await using var archive = new ZipArchive(first, ZipArchiveMode.Read, leaveOpen: true);
        await using var json = await archive.GetEntry("manifest.json")!.OpenAsync();
        using var manifest = await System.Text.Json.JsonDocument.ParseAsync(json);
        Assert.Equal(
            manifest.RootElement.GetProperty("tables").EnumerateArray().Select(table => table.GetProperty("sha256").GetString()),
            again.Tables.Select(table => table.Sha256));
    }

    [Fact]
    public async Task Restore_WhenTheTargetHasRows_ThenItIsRefusedUnlessToldToReplace()
    {
        var backup = await BackUpAsync();
        await using var target = await FreshAsync();
        await ExecuteAsync(target, "insert into sample.empty values (1)");

        var refusal = await Assert.ThrowsAsync<BackupException>(
            () => DatabaseRestore.ReadAsync(target.DataSource, backup, new RestoreOptions(), CancellationToken.None));
        Assert.Contains("\"sample\".\"empty\" has rows", refusal.Message, StringComparison.Ordinal);
        Assert.Equal("1", await AskAsync(target, "select count(*) from sample.empty"));

        await DatabaseRestore.ReadAsync(target.DataSource, backup, new RestoreOptions { ReplaceExisting = true }, CancellationToken.None);
        Assert.Equal(await DescribeAsync(source), await DescribeAsync(target));
    }

    [Fact]
    public async Task Restore_WhenABackupIsDamaged_ThenItIsRefusedAndNothingChanges()
    {
        var backup = await BackUpAsync();
        await using (var archive = new ZipArchive(backup, ZipArchiveMode.Update, leaveOpen: true))
        {
            var name = archive.Entries.First(entry => entry.FullName.StartsWith("tables/", StringComparison.Ordinal) && entry.Length > 1000).FullName;
            string text;
            using (var reader = new StreamReader(await archive.GetEntry(name)!.OpenAsync()))
            {
                text = await reader.ReadToEndAsync();
            }

            archive.GetEntry(name)!.Delete();
            await using var writer = new StreamWriter(await archive.CreateEntry(name).OpenAsync());
            await writer.WriteAsync(text.Replace("event", "evenT", StringComparison.Ordinal).Replace("长", "短", StringComparison.Ordinal));
        }

        await using var target = await FreshAsync();
        var before = await DescribeAsync(target);

        var refusal = await Assert.ThrowsAsync<BackupException>(
            () => DatabaseRestore.ReadAsync(target.DataSource, backup, new RestoreOptions(), CancellationToken.None));

        Assert.Contains("are damaged", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(before, await DescribeAsync(target));
    }

    [Fact]
    public async Task Restore_WhenTheFileIsCutOff_ThenItIsRefused()
    {
        var backup = await BackUpAsync();
        backup.SetLength(backup.Length / 2);
        await using var target = await FreshAsync();

        var refusal = await Assert.ThrowsAsync<BackupException>(
            () => DatabaseRestore.ReadAsync(target.DataSource, backup, new RestoreOptions(), CancellationToken.None));

        Assert.Contains("Take another copy", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Restore_WhenTheMigrationsDiffer_ThenBothSidesAreNamed()
    {
        var backup = await BackUpAsync();
        await using var target = await FreshAsync();
        await ExecuteAsync(target, "insert into schema_migrations (number, name, checksum) values (9002, 'later', repeat('a', 64))");

        var refusal = await Assert.ThrowsAsync<BackupException>(
            () => DatabaseRestore.ReadAsync(target.DataSource, backup, new RestoreOptions(), CancellationToken.None));

        Assert.Contains("the backup lacks 9002 later", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Restore_WhenTheSourceUsedMoreTransactionIds_ThenRestoredIdsAreInThePastOfTheTarget()
    {
        await using var young = await TestServer.StartDurableAsync(Path.Combine(folder.Path, "postgres"));
        await using var database = NpgsqlDataSource.Create(young.ConnectionString + ";Pooling=false");
        await new Runtime.Storage.Migrator(database, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance, typeof(BackupRestoreTests).Assembly)
            .MigrateAsync(CancellationToken.None);
        await ExecuteAsync(source, "do $$ begin for i in 1..3000 loop perform pg_current_xact_id(); commit; end loop; end $$");
        await ExecuteAsync(source, "insert into sample.note (person_id, text) values (1, 'newest')");

        await DatabaseRestore.ReadAsync(database, await BackUpAsync(), new RestoreOptions(), CancellationToken.None);

        await using var question = database.CreateCommand("select max(written) < pg_snapshot_xmin(pg_current_snapshot()) from sample.note");
        Assert.True((bool)(await question.ExecuteScalarAsync())!);
    }

    [Fact]
    public async Task Backup_WhenRowsAreWrittenMeanwhile_ThenItHoldsOneInstant()
    {
        // A reader that is held up in the middle of the archive, while pairs of rows are added to two tables.
        await using var slow = new GatedStream();
        var backup = DatabaseBackup.WriteAsync(source.DataSource, slow, new BackupOptions(), CancellationToken.None);
        await slow.FirstWrite;
        await ExecuteAsync(source, "begin; insert into sample.empty values (9); insert into sample.scratch values (9); commit");
        slow.Open();

        var manifest = await backup;

        Assert.Equal(0, manifest.Tables.Single(table => table.Name == "empty").Rows);
        Assert.Equal(1, manifest.Tables.Single(table => table.Name == "scratch").Rows);
    }

    [Fact]
    public async Task Backup_WhenTheFileExists_ThenItIsKept()
    {
        var file = Path.Combine(folder.Path, "talent.zip");
        await File.WriteAllTextAsync(file, "last year");

        await Assert.ThrowsAsync<BackupException>(
            () => DatabaseBackup.WriteAsync(source.DataSource, file, new BackupOptions(), CancellationToken.None));

        Assert.Equal("last year", await File.ReadAllTextAsync(file));
    }

    [Fact]
    public async Task Backup_WhenWrittenToAFile_ThenOnlyItsOwnerCanReadIt()
    {
        var file = Path.Combine(folder.Path, "private.zip");

        await DatabaseBackup.WriteAsync(source.DataSource, file, new BackupOptions(), CancellationToken.None);

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, OperatingSystem.IsWindows() ? default : File.GetUnixFileMode(file));
        Assert.Equal([file], Directory.GetFiles(folder.Path));
    }

    private static Task<TestDatabase> FreshAsync() => TestDatabase.CreateAsync(typeof(BackupRestoreTests).Assembly);

    private async Task<MemoryStream> BackUpAsync()
    {
        var stream = new MemoryStream();
        await DatabaseBackup.WriteAsync(source.DataSource, stream, new BackupOptions(), CancellationToken.None);
        return stream;
    }

    /// <summary>All rows of all tables but the scheduler's, as PostgreSQL itself prints them, and all sequences.</summary>
    private static async Task<string> DescribeAsync(TestDatabase database)
    {
        var text = new StringBuilder();
        foreach (var table in new[]
        {
            "sample.person", "sample.note", "sample.office", "sample.clerk", "sample.event", "sample.event_2025", "sample.event_2026",
            "sample.empty", "sample.no_columns", "sample.scratch", "sample.log", "\"Odd \"\"schema\"\"\".\"Odd \"\"table\"\"\"",
        })
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"{table}: {await AskAsync(database, $"select count(*) || ' ' || coalesce(string_agg(t::text, E'\\n' order by t::text), '') from {table} t")}");
        }

        foreach (var sequence in new[] { "sample.person_id_seq", "sample.note_id_seq", "sample.log_id_seq", "sample.case_number" })
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"{sequence}: {await AskAsync(database, $"select last_value || ' ' || is_called from {sequence}")}");
        }

        return text.ToString();
    }

    private static async Task ExecuteAsync(TestDatabase database, string sql)
    {
        await using var command = database.DataSource.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<string> AskAsync(TestDatabase database, string sql)
    {
        await using var command = database.DataSource.CreateCommand(sql);
        return Convert.ToString(await command.ExecuteScalarAsync(), CultureInfo.InvariantCulture)!;
    }
}
