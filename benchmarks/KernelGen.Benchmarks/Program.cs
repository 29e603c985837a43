using BenchmarkDotNet.Running;
using KernelGen.Benchmarks;

BenchmarkSwitcher.FromAssembly(typeof(KernelBenchmarks).Assembly).Run(args);
