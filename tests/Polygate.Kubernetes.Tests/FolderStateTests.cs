using Polygate.Kubernetes.Sources;
using Polygate.Kubernetes.Sources.Folder;
using Polygate.Model;
using static Polygate.Kubernetes.Tests.Manifests;

namespace Polygate.Kubernetes.Tests;

/// <summary>What a folder serves after each look; the time is the test's.</summary>
public sealed class FolderStateTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly FolderState state;
    private DateTimeOffset now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public FolderStateTests() => state = new FolderState(folder.Path, Reader);

    public void Dispose() => folder.Dispose();

    [Fact]
    public void All_manifests_below_the_folder_are_read_and_hidden_ones_are_not()
    {
        folder.Write("a.yaml", ConfigMap("a"));
        folder.Write("b/c/d.yml", ConfigMap("b"));
        folder.Write("e.json", """{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, "data": {"value": "1"}}""");
        folder.Write(".hidden.yaml", ConfigMap("d"));
        folder.Write(".git/x.yaml", ConfigMap("e"));
        folder.Write("a.yaml~", ConfigMap("f"));
        folder.Write("notes.txt", "nothing");

        var batch = Look();

        Assert.Equal("a=1 b=1 c=1", batch.Set.Show());
        Assert.Equal(["a.yaml", "b/c/d.yml", "e.json"], batch.Set.Select(resource => resource.Source.File));
        Assert.Empty(batch.Diagnostics);
    }

    [Fact]
    public void Only_what_changed_is_told()
    {
        folder.Write("a.yaml", Documents(ConfigMap("a"), ConfigMap("b"), ConfigMap("c")));
        folder.Write("b.yaml", ConfigMap("d"));
        Look();

        folder.Write("a.yaml", Documents(ConfigMap("a"), ConfigMap("b", "22222"), ConfigMap("c"), ConfigMap("new")));
        var batch = Look("a.yaml");

        Assert.Equal("b=22222 new=1", batch.Set.Show());
        Assert.Empty(batch.Removed);
        Assert.Empty(batch.Moved);
        Assert.True(Look("a.yaml", "b.yaml").IsEmpty);
    }

    [Fact]
    public void Objects_that_an_edit_only_pushes_down_are_moved_and_know_their_new_line()
    {
        folder.Write("a.yaml", Documents(ConfigMap("a"), ConfigMap("b")));
        Look();

        folder.Write("a.yaml", "# a comment\n# of two lines\n" + Documents(ConfigMap("a", "2"), ConfigMap("b")));
        var batch = Look("a.yaml");

        Assert.Equal("a=2", batch.Set.Show());
        Assert.Equal("b=1", batch.Moved.Show());
        Assert.Equal(10, batch.Moved[0].Source.LineOf(""));
        Assert.Equal(13, batch.Moved[0].Source.LineOf("metadata.name"));
    }

    [Fact]
    public void A_broken_document_keeps_every_object_of_its_file_that_it_may_have_held()
    {
        folder.Write("a.yaml", Documents(ConfigMap("a"), ConfigMap("b")));
        Look();

        folder.Write("a.yaml", Documents(ConfigMap("a", "2"), "kind: [unfinished, and longer than what was there before it, so that nothing waits for the file to stand still\n"));
        var batch = Look("a.yaml");

        Assert.Equal("a=2", batch.Set.Show());
        Assert.Empty(batch.Removed);
        Assert.Equal("syntax previous-version", batch.Codes());
        Assert.Equal("ConfigMap default/b is still served as it was read at 2030-01-01 00:00:00Z.", batch.Diagnostics[1].Message);

        folder.Write("a.yaml", Documents(ConfigMap("a", "2"), ConfigMap("b", "2 and longer than what was there before it, so that nothing waits")));
        Assert.Equal("", Look("a.yaml").Codes());
    }

    [Fact]
    public void An_object_with_an_error_keeps_its_last_good_version_and_others_of_the_file_go_on()
    {
        folder.Write("a.yaml", Documents(ConfigMap("a"), ConfigMap("b"), ConfigMap("c")));
        Look();

        folder.Write("a.yaml", Documents("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: 5\n", ConfigMap("b", "twenty-two")));
        Look("a.yaml");
        var batch = LookAfter(WatchedFile.ShrinkWait);

        Assert.Equal("wrong-type previous-version", batch.Codes());
        Assert.Equal("b=twenty-two", batch.Set.Show());
        Assert.Equal("c=1", batch.Removed.Show());
    }

    [Fact]
    public void An_object_that_never_was_good_is_not_served()
    {
        folder.Write("a.yaml", Documents(ConfigMap("a"), "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\ndata: []\n"));

        var batch = Look();

        Assert.Equal("a=1", batch.Set.Show());
        Assert.Equal("wrong-type", batch.Codes());
    }

    [Fact]
    public void A_deleted_document_takes_its_object_away_once_the_file_stands_still()
    {
        folder.Write("a.yaml", Documents(ConfigMap("a"), ConfigMap("b")));
        Look();

        folder.Write("a.yaml", ConfigMap("a"));

        Assert.True(Look("a.yaml").IsEmpty);
        Assert.Equal(now + WatchedFile.ShrinkWait, state.NextLook);
        Assert.Equal("b=1", LookAfter(WatchedFile.ShrinkWait).Removed.Show());
        Assert.Null(state.NextLook);
    }

    [Fact]
    public void A_file_that_is_being_rewritten_loses_nothing_in_between()
    {
        var all = Documents([.. Enumerable.Range(0, 20).Select(i => ConfigMap($"m{i}"))]);
        folder.Write("a.yaml", all);
        Look();

        for (var length = 0; length < all.Length; length += 7)
        {
            folder.Write("a.yaml", all[..length]);
            now += TimeSpan.FromMilliseconds(50);
            Assert.True(Look("a.yaml").IsEmpty);
        }

        folder.Write("a.yaml", all);
        var batch = Look("a.yaml");
        Assert.True(batch.IsEmpty);
        Assert.Empty(batch.Diagnostics);
        Assert.Null(state.NextLook);
    }

    [Fact]
    public void An_emptied_file_is_believed_after_a_second()
    {
        folder.Write("a.yaml", ConfigMap("a"));
        Look();
        folder.Write("a.yaml", "");

        var batch = Look("a.yaml");
        Assert.True(batch.IsEmpty);
        Assert.Equal("cut-file", batch.Codes());
        Assert.True(LookAfter(WatchedFile.CutWait / 2).IsEmpty);

        batch = LookAfter(WatchedFile.CutWait / 2);
        Assert.Equal("a=1", batch.Removed.Show());
        Assert.Empty(batch.Diagnostics);
    }

    [Fact]
    public void A_deleted_file_takes_its_objects_away_unless_it_comes_back_at_once()
    {
        folder.Write("a.yaml", ConfigMap("a"));
        folder.Write("b.yaml", ConfigMap("b"));
        Look();

        File.Delete(folder["a.yaml"]);
        File.Delete(folder["b.yaml"]);
        Assert.True(Look("a.yaml", "b.yaml").IsEmpty);
        folder.Write("b.yaml", ConfigMap("b"));

        var batch = LookAfter(FolderState.MissingWait);
        Assert.Equal("a=1", batch.Removed.Show());
        Assert.Empty(batch.Set);
        Assert.Null(state.NextLook);
    }

    [Fact]
    public void A_renamed_file_keeps_its_objects()
    {
        folder.Write("b.yaml", ConfigMap("a"));
        Look();

        File.Move(folder["b.yaml"], folder["a.yaml"]);
        var batch = Look("a.yaml", "b.yaml");
        var later = LookAfter(FolderState.MissingWait);

        Assert.Equal("a.yaml", Assert.Single(batch.Set).Source.File);
        Assert.Empty(batch.Removed);
        Assert.True(later.IsEmpty);
        Assert.Equal("", later.Codes());
    }

    [Fact]
    public void Of_two_files_with_the_same_object_the_first_by_name_wins_and_the_other_takes_over()
    {
        folder.Write("b.yaml", ConfigMap("a", "from b"));
        Look();
        folder.Write("a.yaml", ConfigMap("a", "from a"));

        var batch = Look("a.yaml");
        Assert.Equal("a=from a", batch.Set.Show());
        var diagnostic = Assert.Single(batch.Diagnostics);
        Assert.Equal(("duplicate-object", "b.yaml", "ConfigMap default/a stands in a.yaml already, at line 1; that one counts."),
            (diagnostic.Code, diagnostic.Origin.File, diagnostic.Message));

        File.Delete(folder["a.yaml"]);
        Look("a.yaml");
        batch = LookAfter(FolderState.MissingWait);
        Assert.Equal("a=from b", batch.Set.Show());
        Assert.Empty(batch.Removed);
        Assert.Empty(batch.Diagnostics);
    }

    [Fact]
    public void A_file_swapped_for_one_of_the_same_size_and_time_is_noticed_when_told_or_when_nothing_is_trusted()
    {
        folder.Write("a.yaml", ConfigMap("a"));
        Look();
        var written = File.GetLastWriteTimeUtc(folder["a.yaml"]);
        folder.Write("a.yaml", ConfigMap("a", "2"));
        File.SetLastWriteTimeUtc(folder["a.yaml"], written);

        Assert.Equal("a=2", Look("a.yaml").Set.Show());

        folder.Write("a.yaml", ConfigMap("a", "3"));
        File.SetLastWriteTimeUtc(folder["a.yaml"], written);
        Assert.Equal("a=3", state.LookAtAll(now, distrust: true).Set.Show());
    }

    [Fact]
    public void A_ConfigMap_mount_is_followed_through_its_links()
    {
        folder.Write("..v1/a.yaml", ConfigMap("a"));
        folder.Write("..v1/gone.yaml", ConfigMap("gone"));
        folder.Write("..v2/a.yaml", ConfigMap("a", "2"));
        File.CreateSymbolicLink(folder["..data"], "..v1");
        File.CreateSymbolicLink(folder["a.yaml"], "..data/a.yaml");
        File.CreateSymbolicLink(folder["gone.yaml"], "..data/gone.yaml");
        Assert.Equal("a=1 gone=1", Look().Set.Show());

        File.CreateSymbolicLink(folder["..data_tmp"], "..v2");
        folder.SwapLink("..data_tmp", "..data");
        File.Delete(folder["gone.yaml"]);

        Assert.Equal("a=2", state.LookAtAll(now, distrust: true).Set.Show());
        Assert.Equal("gone=1", LookAfter(FolderState.MissingWait).Removed.Show());
    }

    [Fact]
    public void Links_in_a_circle_end()
    {
        folder.Write("a/a.yaml", ConfigMap("a"));
        Directory.CreateSymbolicLink(folder["a/again"], folder.Path);

        Assert.Equal("a=1", Look().Set.Show());
    }

    [Fact]
    public void A_folder_that_is_away_keeps_everything_and_says_so()
    {
        folder.Write("a.yaml", ConfigMap("a"));
        Look();
        Directory.Delete(folder.Path, recursive: true);

        var batch = Look();
        Assert.True(batch.IsEmpty);
        Assert.Equal("folder-missing", batch.Codes());

        folder.Write("b.yaml", ConfigMap("b"));
        batch = Look();
        Assert.Equal("b=1", batch.Set.Show());
        Assert.Equal("", batch.Codes());
        Assert.Equal("a=1", LookAfter(FolderState.MissingWait).Removed.Show());
    }

    [Fact]
    public void Unknown_kinds_are_listed_as_long_as_they_are_there()
    {
        folder.Write("a.yaml", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\n");
        Assert.Equal(new UnknownKind("apps/v1", "Deployment", "", "a", "a.yaml", 1), Assert.Single(Look().Unknown));

        folder.Write("a.yaml", "# nothing\n");
        Assert.Empty(Look("a.yaml").Unknown);
    }

    [Fact]
    public void A_thousand_good_objects_are_served_beside_a_broken_one()
    {
        for (var i = 0; i < 1000; i++)
        {
            folder.Write($"{i / 100}/{i}.yaml", ConfigMap($"m{i}"));
        }

        folder.Write("5/broken.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\n  labels: [1]\n");
        var batch = Look();

        Assert.Equal(1000, batch.Set.Count);
        var diagnostic = Assert.Single(batch.Diagnostics);
        Assert.Equal((DiagnosticSeverity.Error, "5/broken.yaml", 5), (diagnostic.Severity, diagnostic.Origin.File, diagnostic.Origin.Line));
    }

    private ResourceBatch Look(params string[] touched) => touched.Length == 0 ? state.LookAtAll(now) : state.LookAt(touched, now);

    private ResourceBatch LookAfter(TimeSpan wait)
    {
        now += wait;
        return state.LookAt([], now);
    }
}
