using Talent.Workflows.Approvals.PersonalData;

namespace Talent.Workflows.Approvals.Tests.PersonalData;

public sealed class DataKeysTests
{
    [Fact]
    public async Task Ring_WhenSeveralNodesBeginAtOnce_ThenTheyHaveTheSameKeys()
    {
        await using var vault = await Vault.OpenAsync();
        var nodes = Enumerable.Range(0, 4).Select(_ => vault.Node()).ToArray();

        await Task.WhenAll(nodes.Select(node => Task.Run(() => node.ReadAsync(default))));

        var (id, place) = (Guid.NewGuid(), Vault.Secrets);
        var value = (await nodes[0].RingAsync(0, default)).Seal("甲", place.At("secret", id));
        foreach (var node in nodes)
            Assert.Equal("甲", (await node.RingAsync(0, default)).Open(value, place.At("secret", id)));
        Assert.Equal(2L, await vault.Scalar<long>("select count(*) from approvals.data_keys"));
    }

    [Fact]
    public async Task Ring_WhenTheMasterKeyIsAnotherOrAKeyWasChanged_ThenItIsRefused_R_AUD_2()
    {
        await using var vault = await Vault.OpenAsync();
        await vault.Node().ReadAsync(default);
        var other = Vault.Master(string.Concat(Vault.Key.Reverse()));

        var wrong = await Assert.ThrowsAsync<MasterKeyException>(() => vault.Node(other).ReadAsync(default));
        await Assert.ThrowsAsync<MasterKeyException>(() => vault.Node(other).RotateAsync(default));
        Assert.Contains(other.Id, wrong.En, StringComparison.Ordinal);
        Assert.Contains(Vault.Master().Id, wrong.Zh, StringComparison.Ordinal);
        // Neither a key of another number in its place, nor one under a false name.
        foreach (var change in (string[])["set wrapped = set_byte(wrapped, 40, get_byte(wrapped, 40) # 1)", $"set master = '{other.Id}'", "set wrapped = (select wrapped from approvals.data_keys where id = 0)"])
        {
            await vault.Execute("create table kept as select * from approvals.data_keys");
            await vault.Execute($"update approvals.data_keys {change} where id = 1");
            await Assert.ThrowsAsync<MasterKeyException>(() => vault.Node().ReadAsync(default));
            await vault.Execute("update approvals.data_keys d set wrapped = k.wrapped, master = k.master from kept k where k.id = d.id");
            await vault.Execute("drop table kept");
            await vault.Node().ReadAsync(default);
        }
    }

    [Fact]
    public async Task Rotation_WhenAnotherNodeHasntHeardOfIt_ThenItReadsAtOnceAndWritesWithTheNewKeyInTime_R_AUD_2()
    {
        await using var vault = await Vault.OpenAsync();
        var (first, second) = (vault.Node(), vault.Node());
        await second.ReadAsync(default);
        var (a, b, c) = (Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid());

        Assert.Equal(2, await first.RotateAsync(default));
        await vault.Write(second, a, "还不知道");
        await vault.Write(first, b, "新的");
        Assert.Equal(1, await vault.Scalar<int>($"select key_id from approvals.secrets where id = '{a}'"));
        Assert.Equal("新的", (await vault.Read(second, b)).Secret);
        await vault.Execute("delete from approvals.secrets where id = $1", b);
        Assert.Equal(3, await vault.Node().RotateAsync(default));
        vault.Time.SetTo(vault.Time.GetUtcNow() + DataKeys.Fresh);
        await vault.Write(second, c, "知道了");

        Assert.Equal(3, await vault.Scalar<int>($"select key_id from approvals.secrets where id = '{c}'"));
    }

    [Fact]
    public async Task Rotation_WhenMadeByManyAtOnce_ThenEachIsAKeyOfItsOwn()
    {
        await using var vault = await Vault.OpenAsync();

        var ids = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => Task.Run(() => vault.Node().RotateAsync(default))));

        Assert.Equal([2, 3, 4, 5, 6], ids.Order());
        Assert.Equal(6, (await vault.Node().ReadAsync(default)).Current);
    }
}
