using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Npgsql;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.PersonalData;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.Notices;

/// <summary>Takes objections from anyone, within limits that are counted in the database.</summary>
public sealed class NoticeCommands(WorkflowRuntime runtime, NoticeStore store, NpgsqlDataSource database, DataKeys keys, SealingStart sealing, BusinessClock clock)
{
    /// <summary>
    /// Attempts that one address may make against one notice in a day of the machine clock; an office shares one. There is no
    /// limit for all addresses together: whoever reached it would close the notice to everybody.
    /// </summary>
    public const int PerAddress = 20;

    /// <summary>Attempts with one contact from one address, so that nobody can use up those of somebody else.</summary>
    public const int PerPerson = 5;

    /// <summary>Letters and digits of a receipt, none of them easily mistaken for another: 80 bits that nobody guesses.</summary>
    private const int ReceiptLength = 16;

    private static readonly Actor Public = new("public");

    /// <summary>Takes an objection in.</summary>
    /// <param name="address">Where it comes from; only a hash of it is kept. Null when unknown: those share one limit.</param>
    /// <returns>The number by which the objector may ask about it.</returns>
    /// <exception cref="WorkflowException"><c>not_found</c>, <c>wrong_state</c> (not open), <c>invalid_form</c>, <c>rate_limited</c>.</exception>
    public async Task<ObjectionReceipt> ObjectAsync(Guid noticeId, Objection objection, IPAddress? address, CancellationToken cancellationToken)
    {
        var row = await store.FindAsync(noticeId, cancellationToken) ?? throw NotFound(noticeId);
        if (row.EndedAt is not null || !row.Notice.IsOpen(clock.Now))
            throw NotOpen(noticeId);
        if (objection.Check(row.Notice, clock.Now) is { } fault)
            throw new WorkflowException(ErrorCodes.InvalidForm, fault.En, fault.Zh) { Facts = new Dictionary<string, object?> { ["fault"] = fault.Code } };
        if (objection.Statement.Contains('\0', StringComparison.Ordinal) || objection.ContactName is { Length: > 100 } || objection.ContactName?.Contains('\0', StringComparison.Ordinal) == true)
            throw new WorkflowException(ErrorCodes.InvalidForm, "The name is too long, or a text holds a character that can't be kept (U+0000).", "姓名过长，或文字中含有无法保存的字符。");
        // Nobody without a sign-in has a key to repeat a request by: the same words from the same person are the same objection.
        var id = IdOf(noticeId, objection);
        if (await store.ReceiptAsync(id, cancellationToken) is { } before)
            return before;
        await CountAsync(noticeId, address, objection, cancellationToken);
        var year = ChinaTime.DateOf(clock.Now).Year;
        var serial = await NoticeSerials.NextAsync(database, "objection", year, cancellationToken);
        var number = string.Create(CultureInfo.InvariantCulture, $"YY-{year}-{serial:0000}");
        var receipt = new ObjectionReceipt(number, noticeId, RandomNumberGenerator.GetString("23456789ABCDEFGHJKLMNPQRSTUVWXYZ", ReceiptLength));
        var ring = await sealing.HasBegunAsync(cancellationToken) ? await keys.RingAsync(0, cancellationToken) : null;
        try
        {
            await ApplyAsync(row, new ObjectionFiled { Ring = ring, NoticeId = noticeId, ObjectionId = id, Number = number, Receipt = receipt.Receipt!, Objection = objection }, cancellationToken);
        }
        catch (PostgresException e) when (e is { SqlState: PostgresErrorCodes.UniqueViolation, ConstraintName: "objections_pkey" })
        {
            // Sent twice at the same instant.
            receipt = await store.ReceiptAsync(id, cancellationToken) ?? throw new InvalidOperationException("An objection that is there can't be read.", e);
        }
        return receipt;
    }

    private static Guid IdOf(Guid noticeId, Objection objection) =>
        DerivedId.For(noticeId, string.Join('\n', [objection.ContactName, objection.Phone, objection.Email, objection.Statement, .. objection.Evidence.Select(e => e.Sha256)]), 1, "objection");

    internal static WorkflowException NotFound(Guid noticeId) => new(ErrorCodes.NotFound, $"There is no notice {noticeId}. Check the id.", "该公示不存在。");

    internal static WorkflowException NotOpen(Guid noticeId) => new(ErrorCodes.WrongState, $"Notice {noticeId} isn't open: objections are taken while it is.", "公示期未开始或已结束，不再受理异议。");

    private async Task ApplyAsync(NoticeRow row, ObjectionFiled filed, CancellationToken cancellationToken)
    {
        // Each objection resumes the wait that the one before left behind; who comes second takes the next.
        for (var attempt = 0; attempt < 10; attempt++)
        {
            var instance = await runtime.ReadAsync(row.CaseId, cancellationToken);
            var wait = instance?.State.Bookmarks.Find(b => b.ActivityId == row.Stage && b.Kind == NoticeStage.WorkBookmark && b.Name == NoticeStage.Objected);
            if (wait is null)
                throw NotOpen(row.Id);
            try
            {
                var answer = await runtime.ApplyAsync(new StepRequest
                {
                    InstanceId = row.CaseId,
                    Stimulus = new Stimulus.Resume(wait.Id, JsonSerializer.SerializeToElement(new { id = filed.ObjectionId, number = filed.Number })),
                    Actor = Public,
                    Domain = filed,
                }, cancellationToken);
                if (answer.Applied)
                    return;
                if (answer.GateFailed is not null)
                    throw NotOpen(row.Id);
            }
            catch (WorkflowException e) when (e.Code is ErrorCodes.BookmarkGone)
            {
                continue;
            }
        }
        throw new WorkflowException(ErrorCodes.Busy, $"Notice {row.Id} has many objections at this moment. Send it again.", "当前提交人数较多，请稍后重试。");
    }

    private async Task CountAsync(Guid noticeId, IPAddress? address, Objection objection, CancellationToken cancellationToken)
    {
        var today = DateOnly.FromDateTime(clock.Machine.GetUtcNow().UtcDateTime);
        var from = ClientAddress.Bytes(address);
        byte[] person = [.. from, 0, .. Encoding.UTF8.GetBytes($"{objection.Phone?.Trim()}\n{objection.Email?.Trim().ToLowerInvariant()}")];
        var counts = await database.QueryAsync("""
            with old as (delete from approvals.objection_attempts where day < $3)
            insert into approvals.objection_attempts as a (key, day, count) values ($1, $3, 1), ($2, $3, 1)
            on conflict (key, day) do update set count = a.count + 1
            returning a.key = $1, a.count
            """, r => (Address: r.GetBoolean(0), Count: r.GetInt32(1)), cancellationToken, Key(noticeId, from), Key(noticeId, person), today);
        if (counts.Any(c => c.Count > (c.Address ? PerAddress : PerPerson)))
            throw new WorkflowException(ErrorCodes.RateLimited, $"Too many objections to notice {noticeId} from here today. Send it tomorrow, or write to the bureau.", "今日提交次数过多，请明日再试，或书面反映。")
            { Facts = new Dictionary<string, object?> { ["retryAfterSeconds"] = (int)(today.AddDays(1).ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc) - clock.Machine.GetUtcNow().UtcDateTime).TotalSeconds + 1 } };
    }

    private static byte[] Key(Guid noticeId, byte[] address) => SHA256.HashData([.. noticeId.ToByteArray(bigEndian: true), .. address]);
}

/// <summary>What whoever objected gets.</summary>
/// <param name="Receipt">A secret: opens what became of the objection, to whoever has it. Null: of a release that gave none.</param>
public sealed record ObjectionReceipt(string Number, Guid NoticeId, string? Receipt)
{
    /// <summary>Tells nobody the receipt.</summary>
    public override string ToString() => Number;
}
