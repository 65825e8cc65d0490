using Npgsql;
using Talent.Workflows.Approvals.PersonalData;

namespace Talent.Workflows.Approvals.Tests.PersonalData;

public sealed class ReencryptionTests
{
    /// <summary>Two nodes write, rotate and re-encrypt in random turns; a batch that is given up is one that was killed. After each turn both read every value.</summary>
    [Fact]
    public async Task Rotation_WhenNodesWriteRotateAndReencryptInAnyOrder_ThenEveryValueIsReadableAtEachInstant_R_AUD_2()
    {
        await using var vault = await Vault.OpenAsync();
        var random = new Random(20260101);
        var nodes = new[] { vault.Node(), vault.Node() };
        var rounds = nodes.Select(vault.Reencryption).ToArray();
        var expected = new Dictionary<Guid, string>();
        (Guid, string)? at = null;
        var resealed = 0;

        for (var turn = 0; turn < 150; turn++)
        {
            var by = random.Next(2);
            switch (random.Next(10))
            {
                case < 4:
                    var id = expected.Count > 0 && random.Next(3) == 0 ? expected.Keys.ElementAt(random.Next(expected.Count)) : new Guid(random.Next(), 7, 7, new byte[8]);
                    await vault.Write(nodes[by], id, expected[id] = $"1990000{random.Next(10_000):0000}{new string('x', random.Next(3))}");
                    break;
                case < 6:
                    await nodes[by].RotateAsync(default);
                    break;
                case < 7:
                    vault.Time.SetTo(vault.Time.GetUtcNow() + TimeSpan.FromSeconds(random.Next(1, 40)));
                    break;
                default:
                    // Goes on where it was, or from the beginning as after a kill.
                    var batch = await rounds[by].BatchAsync(Vault.Secrets, random.Next(3) == 0 ? (Guid.Empty, "") : at ?? (Guid.Empty, ""), random.Next(1, 4), default);
                    resealed += batch.Changed;
                    at = batch.Last;
                    break;
            }
            foreach (var node in nodes)
                foreach (var (id, secret) in expected)
                    Assert.Equal((secret, secret.Length % 2 == 0 ? null : secret + "!"), await vault.Read(node, id));
        }
        vault.Time.SetTo(vault.Time.GetUtcNow() + DataKeys.Fresh);
        await rounds[0].RunAsync(default);

        Assert.True(expected.Count > 20 && resealed > 10, $"{expected.Count} rows, {resealed} sealed again: the turns prove nothing.");
        Assert.Equal(0, await rounds[1].LeftAsync(default));
        var current = (await nodes[1].ReadAsync(default)).Current;
        Assert.Equal(0L, await vault.Scalar<long>($"select count(*) from approvals.secrets where key_id <> {current}"));
        foreach (var (id, secret) in expected)
            Assert.Equal(secret, (await vault.Read(nodes[1], id)).Secret);
    }

    [Fact]
    public async Task Run_WhenThereAreMoreRowsThanABatch_ThenAllAreSealedAgainOnce()
    {
        await using var vault = await Vault.OpenAsync();
        var node = vault.Node();
        for (var i = 0; i < Reencryption.BatchRows + 5; i++)
            await vault.Write(node, Guid.NewGuid(), $"{i}");
        await node.RotateAsync(default);

        Assert.Equal(Reencryption.BatchRows + 5, await vault.Reencryption(node).LeftAsync(default));
        Assert.Equal(Reencryption.BatchRows + 5, (await vault.Reencryption(node).RunAsync(default)).Changed);
        Assert.Equal(0, (await vault.Reencryption(node).RunAsync(default)).Changed);
    }

    [Fact]
    public async Task Run_WhenARowWasTamperedWith_ThenItIsReportedAndTheOthersGoOn_R_AUD_2()
    {
        await using var vault = await Vault.OpenAsync();
        var node = vault.Node();
        var (good, bad, swapped) = (Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid());
        foreach (var id in (Guid[])[good, bad, swapped])
            await vault.Write(node, id, $"号码 {id}");
        await vault.Execute("update approvals.secrets set secret = overlay(secret placing '\\x00'::bytea from 20 for 2) where id = $1", bad);
        await vault.Execute("update approvals.secrets set secret = (select secret from approvals.secrets where id = $1) where id = $2", good, swapped);
        await node.RotateAsync(default);

        var round = await vault.Reencryption(node).RunAsync(default);

        Assert.Equal(1, round.Changed);
        Assert.Equal(new[] { bad, swapped }.Order(), round.Unreadable.Select(p => p.Row).Order());
        Assert.Equal($"号码 {good}", (await vault.Read(node, good)).Secret);
    }

    [Fact]
    public async Task Batch_WhenARowIsBeingWritten_ThenItIsLeftToTheNextRoundAndNothingIsOverwritten()
    {
        await using var vault = await Vault.OpenAsync();
        var node = vault.Node();
        var id = Guid.NewGuid();
        await vault.Write(node, id, "先");
        await node.RotateAsync(default);
        await using (var connection = await vault.Database.OpenConnectionAsync())
        await using (var transaction = await connection.BeginTransactionAsync())
        {
            var ring = await node.RingAsync(0, default);
            await using var writing = new NpgsqlCommand("update approvals.secrets set key_id = 1, secret = $2 where id = $1", connection);
            writing.Parameters.Add(new NpgsqlParameter { Value = id });
            writing.Parameters.Add(new NpgsqlParameter { Value = ring.Seal("后", Vault.Secrets.At("secret", id)) });
            await writing.ExecuteNonQueryAsync();

            Assert.Equal(0, (await vault.Reencryption(node).RunAsync(default)).Changed);
            await transaction.CommitAsync();
        }

        Assert.Equal(1, (await vault.Reencryption(node).RunAsync(default)).Changed);
        Assert.Equal("后", (await vault.Read(node, id)).Secret);
    }
}
