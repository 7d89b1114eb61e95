"""What the two documents prescribe, as an administrator would type it (R1–R40).

A: guide, devices, flow and rules. B: the flow only. The days are shifted: the exam is
on the fifth day from now, at nine in Beijing, and all else keeps its distance to it.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

EXAM_DAY = datetime.now(ZoneInfo("Asia/Shanghai")).date() + timedelta(days=5)
HOTLINE = "400-808-3202"


def days_before(days: int) -> str:
    """Return a date as the forms take it; 3 is the 24th, 0 the 27th of April."""
    return (EXAM_DAY - timedelta(days=days)).isoformat()


@dataclass(frozen=True)
class Text:
    """A document of the project; without a body it is a file."""

    kind: str
    title: str
    body: str = ""


@dataclass(frozen=True)
class Prescribed:
    """One document's project: how it is typed, and what the pages must say of it."""

    preset: str
    slug: str
    title: str
    rules: str
    closes: str
    texts: tuple[Text, ...]
    paper: str
    rooms: tuple[tuple[str, int], ...]
    day: date = EXAM_DAY

    @property
    def documents(self) -> set[str]:
        return {text.kind for text in self.texts}


A = Prescribed(
    preset="a",
    slug="guide-a",
    title="2027 年公开招聘线上面试(甲)",
    rules="考生须独立作答，不得透露本人姓名、准考证号、工作单位及社会背景。",
    closes="18:00",
    texts=(
        Text(
            "flow",
            "线上面试流程(甲)",
            "考生开考前30分钟用人脸登录方式登录网上视频面试系统。\n\n"
            "8:50至9:00进入待考页面等待开考。开考5分钟后，系统不再允许考生登录。\n\n"
            "面试结束后，手动停止佐证视频拍摄，并于60分钟内检查确认佐证视频已上传。",
        ),
        Text(
            "rules",
            "线上面试考试规则",
            "9:00后，系统不再允许考生登录。逾期未登录进入考试页面，视为放弃面试资格。\n\n"
            "无法正常上传，考生应在面试结束后30分钟内联系技术服务热线。",
        ),
        Text("attachment", "线上面试环境设备及系统安装要求"),
    ),
    paper="甲卷",
    rooms=tuple((f"第{n}考场", 220) for n in range(1, 6)),
)
B = Prescribed(
    preset="b",
    slug="flow-b",
    title="2027 年公开招聘线上面试(乙)",
    rules="面试时请考生用普通话进行面试。",
    closes="20:00",
    texts=(
        Text(
            "flow",
            "线上面试流程(乙)",
            "考生开考前30分钟用人脸登录方式登录网上视频面试系统。\n\n"
            "并于60分钟内检查确认佐证视频已上传。面试开始后，系统不再允许考生登录。",
        ),
        Text("commitment", "考生诚信承诺书", "本人承诺遵守考试纪律，独立完成面试。"),
        Text("notice", "在线考试须知", "面试全程会有摄像头、麦克风采集及录屏。"),
    ),
    paper="乙卷",
    rooms=(("第1考场", 20), ("第2考场", 20)),
)
