from pathlib import Path

from prometheus_client.mmap_dict import MmapedDict

from workers.delivery.metricfiles import MetricFiles


def write(path: Path, **values: float) -> None:
    content = MmapedDict(str(path))
    for key, value in values.items():
        content.write_value(key, value, 1.0)
    content.close()


def read(path: Path) -> dict[str, float]:
    return {key: value for key, value, _, _ in MmapedDict.read_all_values_from_file(str(path))}


def test_the_counts_of_ended_processes_stay_and_their_files_go(tmp_path: Path) -> None:
    write(tmp_path / "counter_1.db", a=1, b=2)
    write(tmp_path / "histogram_1.db", h=5)
    write(tmp_path / "gauge_livesum_1.db", g=1)
    write(tmp_path / "gauge_mostrecent_1.db", g=1)
    write(tmp_path / "counter_2.db", a=10, c=3)
    write(tmp_path / "counter_12.db", a=100)
    files = MetricFiles(tmp_path)
    for pid in (1, 2, 3):
        files.fold(pid)
    assert {path.name for path in tmp_path.iterdir()} == {
        "counter_12.db", "counter_ended.db", "histogram_ended.db",
    }  # fmt: skip
    assert read(tmp_path / "counter_ended.db") == {"a": 11, "b": 2, "c": 3}
    assert read(tmp_path / "histogram_ended.db") == {"h": 5}
