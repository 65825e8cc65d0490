using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Approvals.Filings.Recognitions;
using Talent.Workflows.Approvals.Filings.Sources;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Approvals.Filings;

public sealed partial class FilingReader
{
    /// <summary>Where the values of the form came from: for who files as they are now, for others as they were handed in last. No values.</summary>
    /// <param name="handIn">From 1; null: as said.</param>
    /// <exception cref="WorkflowException"><c>not_found</c>: the case, or the hand-in.</exception>
    public async Task<(long Version, CaseSourcesView View)> SourcesAsync(Caller caller, Guid id, int? handIn, CancellationToken cancellationToken)
    {
        var (meeting, package) = await MeetAsync(caller, id, cancellationToken);
        var shown = Shown(meeting, handIn);
        var map = await SourcesOfAsync(meeting, shown, cancellationToken);
        var fields = map.All.Where(s => !meeting.IsBlind || !package.Form.PersonalFields.Contains(s.Key.Split('[')[0]));
        return (meeting.Version, new CaseSourcesView { CaseId = id, HandIn = shown?.Number, Fields = [.. fields.Select(s => View(meeting, package, s.Key, s.Value))] });
    }

    /// <summary>As they were at a hand-in, or, for who files the case, as they are now; others see none before the first.</summary>
    private async Task<SourceMap> SourcesOfAsync(CaseMeeting meeting, FiledHandIn? shown, CancellationToken cancellationToken) =>
        shown is null ? meeting.Reader.Owns ? meeting.Record.Sources : SourceMap.Empty
        : SourceMap.Parse((await database.QueryAsync("select sources::text from approvals.case_sources where case_id = $1 and hand_in = $2", r => r.GetString(0), cancellationToken, meeting.Id, shown.Number)).FirstOrDefault());

    /// <summary>What was given to be read in the case, and what came of it. For who files it.</summary>
    /// <exception cref="WorkflowException"><c>not_found</c>; <c>forbidden</c>: what was read is no matter of others; what of it stands in the form is.</exception>
    public async Task<(long Version, CaseRecognitionsView View)> RecognitionsAsync(Caller caller, Guid id, CancellationToken cancellationToken)
    {
        var (meeting, package) = await MeetAsync(caller, id, cancellationToken);
        if (!meeting.Reader.Owns)
            throw new WorkflowException(ErrorCodes.Forbidden, "What was recognised is shown to the applicant and to who files the case. Where values of the form came from is at /sources.", "识别结果仅申报人及代为申报的经办人可以查看。");
        var recognitions = await database.QueryAsync($"select {CaseRecognition.Columns} from approvals.case_readings where case_id = $1 order by asked_seq, id", CaseRecognition.From, cancellationToken, id);
        var inHand = (await FilingCase.LoadAsync(database, vault, id, cancellationToken)).PhaseInHand is not null;
        var views = new List<RecognitionView>();
        foreach (var recognition in recognitions)
            views.Add(View(id, package, recognition, recognition.State == RecognitionStates.Cancelled ? null : await recognition.OpenAsync(keys, cancellationToken), inHand));
        return (meeting.Version, new CaseRecognitionsView { CaseId = id, Recognitions = views });
    }

    private static RecognitionView View(Guid caseId, ServicePackage package, CaseRecognition recognition, RecognitionContent? content, bool inHand) => new()
    {
        Id = recognition.Id,
        Kind = recognition.Kind,
        Slot = recognition.Slot,
        Material = recognition.Material,
        Rotation = recognition.Rotation,
        Replaces = recognition.Replaces,
        State = RecognitionStates.Word(recognition.State),
        AskedAt = recognition.AskedAt,
        EndedAt = recognition.EndedAt,
        Suggestions = content is null ? [] : [.. content.Fields.Select(f => (f.Key, f.Value, Label: Label(package, f.Key)))
            .Select(f => new RecognitionSuggestion(f.Key, f.Label.Zh, f.Label.En, f.Value, content.Filled.Contains(f.Key), content.Replaced.GetValueOrDefault(f.Key)))],
        NextActions = !inHand ? [] : [
            .. recognition.State is RecognitionStates.Pending or RecognitionStates.Read ? [new NextAction("cancel-recognition", "取消识别", "DELETE", $"/api/v1/cases/{caseId}/recognitions/{recognition.Id}")] : Array.Empty<NextAction>(),
            .. recognition.State is not RecognitionStates.Pending && recognition.Slot is not null ? [new NextAction("reacquire", "重新获取", "POST", $"/api/v1/cases/{caseId}/recognitions/{recognition.Id}/reacquire")] : Array.Empty<NextAction>()],
    };

    private static ValueSourceView View(CaseMeeting meeting, ServicePackage package, string path, ValueSource source)
    {
        var (zh, en) = Label(package, path);
        var (sourceZh, sourceEn) = ValueSources.Word(source.Source);
        return new ValueSourceView(path, zh, en, new Worded(source.Source, sourceZh, sourceEn), source.At, meeting.IsBlind ? null : source.By)
        {
            Slot = source.Slot,
            SlotZh = source.Slot is { } slot ? package.Materials.Slot(slot)?.Material.Zh : null,
            Material = source.Material,
            EarlierCase = source.Round,
        };
    }

    /// <summary>What a path of the form is called: of a row's field, the group and the field.</summary>
    private static (string Zh, string En) Label(ServicePackage package, string path)
    {
        if (path.Split('[', ']', '.') is [var group, var index, _, var key])
            return package.Form.Field(group) is { } rows && rows.Fields?.FirstOrDefault(f => f.Key == key) is { } inner && int.TryParse(index, out var row)
                ? ($"{rows.Zh}第{row + 1}条：{inner.Zh}", $"{rows.En}, row {row + 1}: {inner.En}") : (path, path);
        return package.Form.Field(path) is { } field ? (field.Zh, field.En) : (path, path);
    }
}
