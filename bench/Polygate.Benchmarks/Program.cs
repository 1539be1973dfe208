using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace Polygate.Benchmarks;

/// <summary>
/// Micro-benchmarks of the engine. <c>dotnet run -c Release --project bench/Polygate.Benchmarks -- --filter '*'</c> runs them all.
/// </summary>
internal static class Program
{
    private static void Main(string[] arguments)
    {
        // In this process: the generated projects of the default toolchain would not build under this repository's settings.
        var job = Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance);
        var configuration = DefaultConfig.Instance.AddJob(job).AddDiagnoser(MemoryDiagnoser.Default).HideColumns(Column.Error, Column.RatioSD);
        BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(arguments, configuration);
    }
}
